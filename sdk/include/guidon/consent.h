// What the person agreed to. The app asks and remembers the answer; the client obeys it from the moment it is told.
#pragma once

namespace guidon {

enum class Consent {
  kUnknown,  // decides; keeps the install id in memory only; stores and sends nothing. Facts are dropped and counted.
  kGranted,  // stores and sends facts
  kDenied,   // as kUnknown; what was stored is erased
};

}  // namespace guidon
