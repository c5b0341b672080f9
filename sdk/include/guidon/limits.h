// Every bound of the library. What is over a bound is refused or dropped with a reason, and counted; nothing grows past
// these, whatever a server, a file or a caller hands in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace guidon::limits {

// The datafile, as received and as parsed.
inline constexpr std::size_t kDatafileBytes = 4u << 20;  // decoded
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kJsonStringBytes = 16u << 10;
inline constexpr std::size_t kJsonKeyBytes = 256;
inline constexpr std::size_t kJsonItems = 10'000;  // of one array or object
inline constexpr std::size_t kJsonNodes = 300'000;

// The ruleset.
inline constexpr std::size_t kFlags = 5'000;
inline constexpr std::size_t kExperiments = 1'000;
inline constexpr std::size_t kLayers = 256;
inline constexpr std::size_t kHoldouts = 32;
inline constexpr std::size_t kSegments = 1'000;
inline constexpr std::size_t kVariants = 32;   // of one experiment
inline constexpr std::size_t kAudiences = 16;  // of one experiment
inline constexpr std::size_t kRulesPerFlag = 64;
inline constexpr std::size_t kConditionsPerRule = 64;      // leaves
inline constexpr std::size_t kConditionDepth = 8;          // nested and, or, not
inline constexpr std::size_t kListValues = 10'000;         // of one `in`
inline constexpr std::size_t kAllListValues = 100'000;     // of all lists of a datafile
inline constexpr std::size_t kGlobBytes = 256;             // of one pattern
inline constexpr std::size_t kPatterns = 256;              // different ones that a datafile's rules match
inline constexpr std::size_t kPatternBytes = 256;          // of one
inline constexpr std::size_t kAllPatternBytes = 8u << 10;  // of all patterns of a datafile
inline constexpr std::size_t kPatternMemory = 64u << 10;   // of one for its program and the states it met
inline constexpr std::size_t kPatternTextBytes = 1'024;    // of what is matched; longer ones are unknown
inline constexpr std::size_t kPrerequisiteDepth = 16;      // flags, experiments and segments, one asking the next
inline constexpr std::size_t kNetworks = 256;              // of one `cidr`
inline constexpr std::size_t kHoldoutsPerExperiment = 4;   // that govern one experiment or campaign
inline constexpr std::size_t kKeyBytes = 128;              // of a flag, experiment, variant, layer, segment
inline constexpr std::size_t kProblems = 100;              // reported for one datafile; further ones are only counted
inline constexpr std::uint64_t kMaxVersion = (std::uint64_t{1} << 53) - 1;

// Behavior and campaigns.
inline constexpr std::size_t kBehaviorEvents = 256;   // event names whose history is kept; the stalest goes first
inline constexpr std::size_t kBehaviorHours = 72;     // buckets of one event; the longest window in hours
inline constexpr std::size_t kBehaviorDays = 400;     // likewise in days
inline constexpr std::size_t kBehaviorTerms = 1'000;  // different ones that a datafile's rules ask
inline constexpr std::size_t kBehaviorParts = 32;     // counts by properties that are kept of one event name
inline constexpr std::size_t kCounts = 100;           // by properties, in a datafile
inline constexpr std::size_t kCountsPerEvent = 16;    // different ones
inline constexpr std::size_t kCampaigns = 500;
inline constexpr std::size_t kTriggersPerCampaign = 8;
inline constexpr std::size_t kCancelEvents = 8;     // of one campaign
inline constexpr std::size_t kCapsPerCampaign = 8;  // also of a group
inline constexpr std::size_t kCampaignGroups = 32;
inline constexpr std::size_t kGroupsPerCampaign = 4;   // besides `all`
inline constexpr std::size_t kCapCount = 100;          // the most a cap allows
inline constexpr std::size_t kShowings = 100;          // of one campaign, one by one; older ones are only counted
inline constexpr std::size_t kShownCampaigns = 1'000;  // whose showings are kept
inline constexpr std::size_t kEnrollments = 1'000;     // that a device keeps; the one last met longest ago goes
inline constexpr std::size_t kScopes = 8;              // accounts whose behavior and showings are kept
inline constexpr std::size_t kPromptButtons = 4;
inline constexpr std::size_t kPromptTitleBytes = 200;
inline constexpr std::size_t kPromptBodyBytes = 1'000;
inline constexpr std::size_t kPromptValueBytes = 200;  // of one value filled into a prompt's text
inline constexpr std::size_t kPromptLanguages = 100;
inline constexpr std::size_t kPromptImageBytes = 512 * 1024;  // of a file that a url leads to; the host refuses more
inline constexpr std::size_t kPromptVariants = 8;             // contents of one campaign
inline constexpr std::size_t kQuestions = 20;                 // of one campaign
inline constexpr std::size_t kQuestionOptions = 20;           // of one question
inline constexpr std::size_t kQuestionBranches = 20;          // of one question
inline constexpr std::size_t kAnswerChars = 5'000;            // of a text that answers one, in code points
inline constexpr std::size_t kAnswers = 100;                  // within one showing, corrected ones too
inline constexpr std::size_t kLinkHosts = 64;
inline constexpr std::size_t kRevokedTokens = 1'000;
inline constexpr std::size_t kOpportunities = 64;  // triggered, waiting for the host or for another prompt

// The context.
inline constexpr std::size_t kUnitIdBytes = 256;
inline constexpr std::size_t kContextUnits = 8;
inline constexpr std::size_t kContextAttributes = 256;
inline constexpr std::size_t kAttributeNameBytes = 256;
inline constexpr std::size_t kAttributeBytes = 16u << 10;  // text of one attribute
inline constexpr std::size_t kAttributeElements = 256;     // of a list that rules look into

// Events.
inline constexpr std::size_t kEventNameBytes = 128;
inline constexpr std::size_t kEventProperties = 64;
inline constexpr std::size_t kEventPropertyBytes = 4u << 10;
inline constexpr std::size_t kInboxFacts = 10'000;     // appended and not yet committed
inline constexpr std::size_t kOutboxEvents = 100'000;  // committed and not yet delivered
inline constexpr std::size_t kOutboxBytes = 64u << 20;
// The most that Options may ask for.
inline constexpr std::size_t kMostOutboxEvents = 1'000'000;
inline constexpr std::size_t kMostOutboxBytes = 640u << 20;
inline constexpr std::int64_t kOutboxDays = 30;
inline constexpr std::size_t kBatchEvents = 500;
inline constexpr std::size_t kBatchBytes = 1u << 20;    // before compression
inline constexpr std::size_t kSeenExposures = 20'000;   // remembered so as not to be sent again the same day
inline constexpr std::size_t kAnswerBytes = 64u << 10;  // of a collector's answer

// Quality assurance.
inline constexpr std::size_t kOverrides = 256;                 // of one source
inline constexpr std::size_t kOverridesTextBytes = 64u << 10;  // of the file, and of the environment's

}  // namespace guidon::limits
