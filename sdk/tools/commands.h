// The subcommands of `guidon`, one file each.
#pragma once

#include "sdk/tools/arguments.h"

namespace guidon::tools {

// What a command ends with; scripts rely on it.
inline constexpr int kExitOk = 0;
inline constexpr int kExitProblems = 1;  // the input is not good, or something failed
inline constexpr int kExitUsage = 2;

// Each prints to stdout what was asked for, and to stderr what went wrong.
int RunAudit(const Arguments& arguments);
int RunBuild(const Arguments& arguments);
int RunCrowd(const Arguments& arguments);
int RunDiff(const Arguments& arguments);
int RunEval(const Arguments& arguments);
int RunExplain(const Arguments& arguments);
int RunFind(const Arguments& arguments);
int RunInspect(const Arguments& arguments);
int RunKeygen(const Arguments& arguments);
int RunLint(const Arguments& arguments);
int RunQa(const Arguments& arguments);
int RunServe(const Arguments& arguments);  // where cpp-httplib was found: GUIDON_HAS_SERVE
int RunSign(const Arguments& arguments);
int RunSimulate(const Arguments& arguments);
int RunVerify(const Arguments& arguments);

// Prints "guidon COMMAND: message" and gives back kExitUsage or kExitProblems.
int UsageError(const Arguments& arguments, const std::string& message);
int Failure(const Arguments& arguments, const std::string& message);

}  // namespace guidon::tools
