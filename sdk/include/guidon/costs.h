// What sending costs just now, as the host knows it. See Client::SetNetwork and Client::SetPower.
#pragma once

namespace guidon {

//              mains or battery                     low battery
// unmetered    everything, as Options say           what counts, every 5 minutes
// metered      everything, every 5 minutes          what counts, every 5 minutes
// roaming      what counts, every 5 minutes         what counts, every 5 minutes
// offline      nothing is tried                     nothing is tried
//
// What counts in results: conversions (tracked events that the datafile names in goals, guardrails or KPIs, or that
// have a value), and exposures and prompts, without which conversions say nothing.
//
// What may not go waits, within the bounds of the outbox; a batch that was begun is ended. `Flush` and `Close` do not
// wait for the 5 minutes, but send no more than the table lets through.
enum class NetworkCost { kUnmetered, kMetered, kRoaming, kOffline };
enum class PowerSource { kMains, kBattery, kLowBattery };

}  // namespace guidon
