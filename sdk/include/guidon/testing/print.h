// Values of the library in words, where a framework prints what it compared.
#pragma once

#include <ostream>

#include "guidon/decision.h"
#include "guidon/event.h"
#include "guidon/status.h"
#include "guidon/value.h"

namespace guidon {

std::ostream& operator<<(std::ostream& out, const Value& value);         // as JSON
std::ostream& operator<<(std::ostream& out, Reason reason);              // "experiment"
std::ostream& operator<<(std::ostream& out, StatusCode code);            // "out_of_space"
std::ostream& operator<<(std::ostream& out, const Status& status);       // "out_of_space: the disk is full"
std::ostream& operator<<(std::ostream& out, const EventRecord& record);  // as EventSpy lists it

}  // namespace guidon
