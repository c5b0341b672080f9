// What is evaluated: a thousand flags of four shapes and 256 people.
//
//   W1  on for everybody, no rules
//   W2  five rules of two conditions, of which the last holds: lists of ten, versions, texts, numbers
//   W3  three variants by the unit's slot
//   W4  W3 behind a list of ten, a version, a number and a segment
//   W5  any flag of the thousand, at random
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "guidon/context.h"

namespace guidon::bench {

inline constexpr std::size_t kFlagCount = 1'000;
inline constexpr std::size_t kPeople = 256;

// 24 letters. Flag i is of the shape W(1 + i % 4).
std::string FlagKey(std::size_t flag);

// Every key once, in an order without a pattern.
std::vector<std::string> ShuffledKeys();

// The published datafile, with one experiment on top, whose flag is "experiment".
std::string Datafile();

std::vector<Context> People();

// A datafile of 100 campaigns that one event may start, each with a trigger's condition, an audience by behavior and
// attributes, two caps and a holdout; and how that event and those who send it look.
inline constexpr std::size_t kCampaignCount = 100;
// All of them start at one event. Those in groups have hours, sequences among their triggers, and two groups with caps,
// gaps and quiet hours.
std::string CampaignDatafile(bool is_in_groups);

}  // namespace guidon::bench
