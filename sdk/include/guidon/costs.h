// What sending costs just now, as the host knows it. See Client::SetNetwork and Client::SetPower.
#pragma once

namespace guidon {

//              mains or battery                     low battery
// unmetered    everything, as Options say           exposures and prompts, every 5 minutes
// metered      everything, every 5 minutes          exposures and prompts, every 5 minutes
// roaming      exposures and prompts, every 5 min   exposures and prompts, every 5 minutes
// offline      nothing is tried                     nothing is tried
//
// What may not go waits, within the bounds of the outbox; a batch that was begun is ended. `Flush` and `Close` do not
// wait for the 5 minutes, but send no more than the table lets through.
enum class NetworkCost { kUnmetered, kMetered, kRoaming, kOffline };
enum class PowerSource { kMains, kBattery, kLowBattery };

}  // namespace guidon
