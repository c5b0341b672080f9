// The `guidon` command: finds the subcommand, reads its arguments, runs it.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "guidon/version.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view usage;
  std::string_view help;
  std::vector<OptionSpec> options;
  std::size_t names;  // files it needs
  int (*run)(const Arguments&);
  std::size_t more_names = 0;  // that it may take besides
};

const std::vector<Command>& Commands() {
  static const std::vector<Command> kCommands = {
      {"keygen",
       "make a key pair for signing",
       "guidon keygen [--out FILE]",
       "Writes a new private key, readable by you alone, and prints the public key\n"
       "that apps trust. A key file that is there already is never overwritten.\n\n"
       "  --out FILE        where the private key goes (guidon-key.pem)\n"
       "  --quiet           print the public key and nothing else\n",
       {{"--out", "FILE"}, {"--quiet", ""}},
       0,
       RunKeygen},
      {"lint",
       "check a source and say all that is wrong with it",
       "guidon lint SOURCE [--previous PUBLISHED]",
       "Reports every problem in one run: where it is, why it is one, and what to do.\n"
       "With the last published file it also finds changes that would move people\n"
       "between variants, or in and out of a holdout. Exit code 1 when there are\n"
       "errors.\n\n"
       "  --explain-rules   also show, of every rule, a context that comes to it\n"
       "  --previous FILE   the last published file\n"
       "  --now TIME        what counts as today (the clock)\n"
       "  --json            for programs\n",
       {{"--explain-rules", ""}, {"--previous", "FILE"}, {"--now", "TIME"}, {"--json", ""}},
       1,
       RunLint},
      {"build",
       "turn a source into a signed datafile",
       "guidon build SOURCE --key KEY [--previous PUBLISHED] [--out FILE]",
       "Checks the source, gives out slots, salts and ids so that nobody moves who\n"
       "needn't, and signs the result. Hand in the last published file every time:\n"
       "who is in which experiment follows from it, and the version goes up by one.\n\n"
       "  --key KEY         private key: a FILE, env:NAME, or command:COMMAND that prints\n"
       "                    it; give it again for each further signature\n"
       "  --unsigned        for development; apps take it only if told to\n"
       "  --previous FILE   the last published file; without it this is version 1\n"
       "  --out FILE        where the datafile goes (standard output)\n"
       "  --expires TIME    how long it is good for (90d)\n"
       "  --now TIME        date of issue (the clock)\n",
       {{"--key", "KEY"},
        {"--unsigned", ""},
        {"--previous", "FILE"},
        {"--out", "FILE"},
        {"--expires", "TIME"},
        {"--now", "TIME"}},
       1,
       RunBuild},
      {"sign",
       "add a signature to a datafile",
       "guidon sign DATAFILE --key KEY [--out FILE]",
       "Signs what is in it once more, by a key that is elsewhere than the one it was\n"
       "built with, or by the next one while keys are changed. Signatures that are\n"
       "there stay; four are the most.\n\n"
       "  --key KEY         private key: a FILE, env:NAME, or command:COMMAND that prints\n"
       "                    it; give it again for each further signature\n"
       "  --out FILE        where the datafile goes (DATAFILE itself)\n",
       {{"--key", "KEY"}, {"--out", "FILE"}},
       1,
       RunSign},
      {"verify",
       "say whether apps would take a datafile",
       "guidon verify DATAFILE --key PUBLIC_KEY",
       "Checks it as an app does that trusts the key: the signature over all bytes, what\n"
       "it is for, its dates, that its rules load. Exit code 1 when an app would refuse\n"
       "it, or when it has expired.\n\n"
       "  --key BASE64      public key; give it again for each further one, four at most\n"
       "  --project NAME    refuse another project's\n"
       "  --environment NAME  refuse another environment's\n"
       "  --at TIME         what counts as now (the clock)\n",
       {{"--key", "BASE64"}, {"--project", "NAME"}, {"--environment", "NAME"}, {"--at", "TIME"}},
       1,
       RunVerify},
#ifdef GUIDON_HAS_SERVE
      {"serve",
       "serve a datafile to apps on this machine, and tell them of changes",
       "guidon serve DATAFILE --key PUBLIC_KEY [--port N]",
       "Hands the file out over HTTP with an ETag, and its changes as server-sent\n"
       "events, to apps on this machine; elsewhere any static host does. The file is\n"
       "read again when it changed, and what apps would refuse does not reach them:\n"
       "the version before stays.\n\n"
       "  --key BASE64      public key that apps trust; give it again for each further one\n"
       "  --unsigned        also what nobody signed\n"
       "  --project NAME    refuse another project's\n"
       "  --environment NAME  refuse another environment's\n"
       "  --port N          of 127.0.0.1; 0: any that is free (8080)\n",
       {{"--key", "BASE64"}, {"--unsigned", ""}, {"--project", "NAME"}, {"--environment", "NAME"}, {"--port", "N"}},
       1,
       RunServe},
#endif
      {"audit",
       "walk through all that was published and see that nothing was changed",
       "guidon audit DIR [--key PUBLIC_KEY] [--flag KEY --context FILE] [--exposures FILE]",
       "Reads every published datafile of a folder, checks that each follows the one\n"
       "before (by its hash, which is signed), and tells what changed when. With a flag\n"
       "and a context it also tells what that person got, version by version. With\n"
       "a collector's exposures it decides each of them again, by the version it names,\n"
       "and adds them up again. Exit code 1 when a version is missing, was changed or\n"
       "put in, or is not signed, and when exposures or counts are not what these\n"
       "versions give.\n\n"
       "  --key BASE64      a key that may have signed; give it again for each further one\n"
       "  --flag KEY        the flag to decide under each version, as of its issue\n"
       "  --context FILE    for whom: { \"units\": { \"device\": \"d-1\" } }\n"
       "  --exposures FILE  what guidon-collector export prints; - is standard input\n"
       "  --json            for programs\n",
       {{"--key", "BASE64"}, {"--flag", "KEY"}, {"--context", "FILE"}, {"--exposures", "FILE"}, {"--json", ""}},
       1,
       RunAudit},
      {"inspect",
       "show what a datafile says and who signed it",
       "guidon inspect DATAFILE [--key PUBLIC_KEY]",
       "Shows version, dates, signatures, flags, experiments, layers, holdouts,\n"
       "campaigns and KPIs.\n\n"
       "  --key BASE64      check the signature by this public key\n"
       "  --json            print the payload as it is\n",
       {{"--key", "BASE64"}, {"--json", ""}},
       1,
       RunInspect},
      {"diff",
       "count who would move between two datafiles",
       "guidon diff OLD NEW [--units N] [--context FILE] [--check]",
       "Decides every flag for N made-up people under both published datafiles, and\n"
       "counts who gets another value, who enters or leaves an experiment or changes\n"
       "variant, and whose arm of a campaign changes. Each move names somebody to\n"
       "check it with by `guidon explain`.\n\n"
       "  --units N         how many people, at most 10000000 (100000)\n"
       "  --prefix TEXT     in front of their ids, device-000001 and so on: other people\n"
       "  --context FILE    what is known of them, without 'units': one context, or one\n"
       "                    a line, dealt out in turn\n"
       "  --at TIME         decide as of then (the context's \"now\", or the clock)\n"
       "  --check           exit code 1 when anybody changes variant in an iteration\n"
       "  --key BASE64      refuse datafiles that this public key did not sign\n"
       "  --json            for programs\n",
       {{"--units", "N"},
        {"--prefix", "TEXT"},
        {"--context", "FILE"},
        {"--at", "TIME"},
        {"--check", ""},
        {"--key", "BASE64"},
        {"--json", ""}},
       2,
       RunDiff},
      {"eval",
       "decide every flag for one context",
       "guidon eval DATAFILE --context FILE",
       "Prints every flag's value, variant and reason for one context, as JSON.\n\n"
       "  --context FILE    { \"units\": { \"device\": \"d-1\" },\n"
       "                      \"attributes\": { \"plan\": \"pro\" } }\n"
       "  --at TIME         decide as of then (the context's \"now\", or the clock)\n"
       "  --key BASE64      refuse a datafile that this public key did not sign\n",
       {{"--context", "FILE"}, {"--at", "TIME"}, {"--key", "BASE64"}},
       1,
       RunEval},
      {"explain",
       "say why a flag is what it is, or why a prompt is shown or not",
       "guidon explain DATAFILE --context FILE [--flag KEY | --prompt KEY]",
       "Shows each step of the decision and the values it saw: of one flag, of one\n"
       "campaign's prompt, and when that may be shown next; or else of all flags.\n\n"
       "  --context FILE    { \"units\": { \"device\": \"d-1\" },\n"
       "                      \"attributes\": { \"plan\": \"pro\" },\n"
       "                      \"history\": [ { \"at\": \"2026-11-12\", \"event\": \"app_open\" },\n"
       "                        { \"at\": \"2026-11-20\", \"prompt\": \"KEY\",\n"
       "                          \"what\": \"dismissal\" } ] }\n"
       "  --flag KEY        the flag to explain\n"
       "  --prompt KEY      the campaign to explain\n"
       "  --event EVENT     what happens now: \"message_sent chars=1812\", or what starts\n"
       "                    a campaign by itself: session_start, \"screen editor\", idle\n"
       "  --state DIR       the history a device keeps in its state folder, and its unit\n"
       "  --at TIME         decide as of then (the context's \"now\", or the clock)\n"
       "  --key BASE64      refuse a datafile that this public key did not sign\n"
       "  --ascii           no characters beyond ASCII\n"
       "  --json            for programs\n",
       {{"--context", "FILE"},
        {"--flag", "KEY"},
        {"--prompt", "KEY"},
        {"--event", "EVENT"},
        {"--state", "DIR"},
        {"--at", "TIME"},
        {"--key", "BASE64"},
        {"--ascii", ""},
        {"--json", ""}},
       1,
       RunExplain},
      {"find",
       "find ids that land where you want them, with nothing forced",
       "guidon find DATAFILE --want KEY=VALUE [--want KEY=VALUE] [--attr NAME=VALUE]",
       "Tries made-up ids one after the other, decides each as a device does, and prints\n"
       "those that get all of it: log in as one of them to go the natural path. The same\n"
       "ids each time. Exit code 1 when there are fewer than asked for; then it says\n"
       "which wish is the rare one.\n\n"
       "  --want KEY=VALUE  a flag and its value, an experiment and its variant (none: not\n"
       "                    in it), a campaign and its arm (prompt, held_out or a variant);\n"
       "                    give it again for each further one\n"
       "  --not-held-out    in none of the holdouts\n"
       "  --attr NAME=VALUE what is known of them: plan=pro; again for each further one\n"
       "  --context FILE    likewise, with units that are not made up, and a history\n"
       "  --unit KIND       of the id (all kinds that the rules ask for)\n"
       "  --count N         how many ids (5)\n"
       "  --prefix TEXT     in front of their numbers (qa-)\n"
       "  --tries N         how many are tried at most (1000000)\n"
       "  --at TIME         decide as of then (the context's \"now\", or the clock)\n"
       "  --key BASE64      refuse a datafile that this public key did not sign\n"
       "  --json            for programs\n",
       {{"--want", "KEY=VALUE"},
        {"--not-held-out", ""},
        {"--attr", "NAME=VALUE"},
        {"--context", "FILE"},
        {"--unit", "KIND"},
        {"--count", "N"},
        {"--prefix", "TEXT"},
        {"--tries", "N"},
        {"--at", "TIME"},
        {"--key", "BASE64"},
        {"--json", ""}},
       1,
       RunFind},
      {"crowd",
       "count who a datafile puts where, and see that shares are right",
       "guidon crowd DATAFILE [--units N] [--context FILE] [--svg FILE]",
       "Decides every flag for N made-up people, and counts who is in which variant,\n"
       "which experiments have people in common, and who gets which value. Exit code 1\n"
       "when a share is more than 5 standard deviations off what the datafile says, or\n"
       "experiments that exclude each other share people.\n\n"
       "  --units N         how many people, at most 10000000 (1000000)\n"
       "  --prefix TEXT     in front of their ids, device-000001 and so on: other people\n"
       "  --context FILE    what is known of them, without 'units': one context, or one\n"
       "                    a line, dealt out in turn\n"
       "  --at TIME         decide as of then (the context's \"now\", or the clock)\n"
       "  --key BASE64      refuse a datafile that this public key did not sign\n"
       "  --svg FILE        also draw a picture\n"
       "  --json            for programs\n",
       {{"--units", "N"},
        {"--prefix", "TEXT"},
        {"--context", "FILE"},
        {"--at", "TIME"},
        {"--key", "BASE64"},
        {"--svg", "FILE"},
        {"--json", ""}},
       1,
       RunCrowd},
      {"qa",
       "let a tester's device force things, by a token or a link",
       "guidon qa token DATAFILE --key KEY --device CODE --force ENTRIES | --allow WHAT",
       "On a device whose datafile a release key signed nobody forces anything, unless\n"
       "it has a QA token: for that device, a few days and a few things, signed by a key\n"
       "that the app trusts for QA. The app shows its tester the device's code.\n\n"
       "  guidon qa token DATAFILE …          prints the token\n"
       "  guidon qa link DATAFILE … --app URL a link with it, for the app to open\n"
       "  guidon qa inspect TOKEN             what it says; exit code 1 when it is no good\n\n"
       "  --key KEY         private key: a FILE, env:NAME, or command:COMMAND; of inspect\n"
       "                    the public one, to check the signature by\n"
       "  --device CODE     of the device it is for; '*': any, but in production\n"
       "  --force ENTRIES   what the token forces itself, as GUIDON_FORCE says it:\n"
       "                    'experiment:attach-button=labelled; prompt:try-file-share'\n"
       "  --allow WHAT      what else may be forced: experiment:KEY, flag:KEY, prompt:KEY,\n"
       "                    experiment:'*', '*'; again for each further one\n"
       "  --local           the overrides file and the environment may force it, too\n"
       "  --for TIME        how long it is good (1d)\n"
       "  --app URL         of a link: what the app opens, notes://guidon\n"
       "  --qr              also draw it as a QR code\n"
       "  --id ID           by which it is revoked (one that follows from the rest)\n"
       "  --issuer NAME     who made it\n"
       "  --note TEXT       what for; the app shows it\n"
       "  --now TIME        when it begins (the clock)\n"
       "  --json            for programs\n",
       {{"--key", "KEY"},
        {"--device", "CODE"},
        {"--force", "ENTRIES"},
        {"--allow", "WHAT"},
        {"--local", ""},
        {"--for", "TIME"},
        {"--app", "URL"},
        {"--qr", ""},
        {"--id", "ID"},
        {"--issuer", "NAME"},
        {"--note", "TEXT"},
        {"--now", "TIME"},
        {"--json", ""}},
       1,
       RunQa,
       1},
      {"simulate",
       "try campaigns on people, made up or as a timeline tells",
       "guidon simulate FILE [--timeline FILE | --users N --days N] [--svg FILE]",
       "Lives through what people do, by the code that apps run, and tells who sees\n"
       "which prompt and when, and of the others what kept them back. FILE is a source\n"
       "or a published datafile. Without a timeline people are made up.\n\n"
       "  --timeline FILE   a line for each thing that happens:\n"
       "                    {\"at\": \"+2d\", \"user\": \"ann\", \"event\": \"message_sent\"}\n"
       "  --users N         how many people are made up, at most 1000000 (1000)\n"
       "  --days N          for how long (30)\n"
       "  --seed N          other people (1)\n"
       "  --from TIME       when it begins, and what \"+2d\" counts from (the date of issue)\n"
       "  --answer WORD     what people do with a prompt: dismiss, press, snooze, ignore;\n"
       "                    or their percentages: press:20,dismiss:80\n"
       "  --context FILE    what is known of them, { \"attributes\": { \"plan\": \"pro\" } }\n"
       "  --svg FILE        also draw a picture\n"
       "  --json            for programs\n",
       {{"--timeline", "FILE"},
        {"--users", "N"},
        {"--days", "N"},
        {"--seed", "N"},
        {"--from", "TIME"},
        {"--answer", "WORD"},
        {"--context", "FILE"},
        {"--svg", "FILE"},
        {"--json", ""}},
       1,
       RunSimulate},
  };
  return kCommands;
}

void PrintOverview(std::FILE* stream) {
  const Style style = Style::For(stream);
  std::string out = style.Bold("guidon") + "  flags, experiments and campaigns, from source to signed datafile\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const Command& command : Commands()) rows.push_back({std::string(command.name), std::string(command.summary)});
  out += Table(rows, 2);
  out += "\nguidon COMMAND --help says more. Exit codes: 0 fine, 1 problems, 2 wrong usage.\n";
  Print(stream, out);
}

void PrintHelp(const Command& command) {
  const Style style = Style::For(stdout);
  Print(stdout, style.Bold(command.usage) + "\n\n" + std::string(command.help));
}

const Command* FindCommand(std::string_view name) {
  for (const Command& command : Commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int UnknownCommand(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  const std::string_view meant = expression::Closest(name, names);
  Print(stderr, "guidon: there is no command '" + Plain(name) + "'" +
                    (meant.empty() ? "" : ", did you mean '" + std::string(meant) + "'?") + "\n\n");
  PrintOverview(stderr);
  return kExitUsage;
}

int Run(const std::vector<std::string>& words) {
  if (words.empty()) {
    PrintOverview(stderr);
    return kExitUsage;
  }
  if (words[0] == "--version") {
    Print(stdout, "guidon " GUIDON_VERSION "\n");
    return kExitOk;
  }
  if (words[0] == "--help" || words[0] == "-h" || (words[0] == "help" && words.size() == 1)) {
    PrintOverview(stdout);
    return kExitOk;
  }
  const bool asks = words[0] == "help";
  const Command* command = FindCommand(words[asks ? 1 : 0]);
  if (command == nullptr) return UnknownCommand(words[asks ? 1 : 0]);
  std::vector<std::string> rest(words.begin() + 1, words.end());
  for (const std::string& word : rest) {
    if (!asks && word != "--help" && word != "-h") continue;
    PrintHelp(*command);
    return kExitOk;
  }
  const Result<Arguments> arguments = Arguments::Parse(std::string(command->name), rest, command->options,
                                                       command->names, command->names + command->more_names);
  if (!arguments.ok()) {
    Print(stderr, "guidon " + std::string(command->name) + ": " + Plain(arguments.status().message()) +
                      "\nusage: " + std::string(command->usage) + "\n");
    return kExitUsage;
  }
  return command->run(*arguments);
}

// What was printed may still fail to arrive, on a full disk say; then half of it must not pass for all of it.
bool FlushOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  const std::string why = errno == 0 ? std::string() : std::string(": ") + std::strerror(errno);
  Print(stderr, Style::For(stderr).Red("✗ ") + "guidon: cannot write to standard output" + why + "\n");
  return false;
}

}  // namespace

int UsageError(const Arguments& arguments, const std::string& message) {
  Print(stderr, "guidon " + arguments.command() + ": " + Plain(message) + "\nguidon " + arguments.command() +
                    " --help says more.\n");
  return kExitUsage;
}

int Failure(const Arguments& arguments, const std::string& message) {
  Print(stderr, Style::For(stderr).Red("✗ ") + "guidon " + arguments.command() + ": " + Plain(message) + "\n");
  return kExitProblems;
}

}  // namespace guidon::tools

int main(int count, char** words) {
  const int exit_code = guidon::tools::Run(std::vector<std::string>(words + 1, words + count));
  return guidon::tools::FlushOutput() || exit_code != guidon::tools::kExitOk ? exit_code : guidon::tools::kExitProblems;
}
