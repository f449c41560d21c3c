// The secretariat of a pack: one desk on every day, for whoever finds no other.
#include <map>
#include <set>
#include <string>

#include "services/directory/pack_checker.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {

void PackChecker::CheckSecretariat() {
  const Place place = PlaceOfSingle("secretariat");
  if (pack_.secretariat().empty()) {
    Missing(place, "must name the desk of the national coordinators");
    return;
  }
  Refers(desks_, pack_.secretariat(), "desk", place);
  const std::set<std::string> in_turn = CheckSecretariatsInTurn();
  for (int i = 0; i < pack_.desks_size(); ++i) {
    const v1::Desk& desk = pack_.desks(i);
    if (desk.kind() != v1::DESK_KIND_SECRETARIAT || in_turn.count(desk.name()) != 0) continue;
    checks_.faults().Add(PlaceOf("desks", i).Field("kind"), v1::ERROR_REASON_DUPLICATE,
                         "a country has one desk of this kind: the pack's secretariat, or who "
                         "succeeds it");
  }
}

std::set<std::string> PackChecker::CheckSecretariatsInTurn() {
  std::map<std::string, int> index_of;
  for (int i = 0; i < pack_.desks_size(); ++i) index_of.emplace(pack_.desks(i).name(), i);
  std::set<std::string> in_turn;
  // Names without a desk, cycles, and gaps between two desks are told where desks are checked.
  auto at = index_of.find(pack_.secretariat());
  while (at != index_of.end() && in_turn.insert(at->first).second) {
    const v1::Desk& desk = pack_.desks(at->second);
    const Place& place = PlaceOf("desks", at->second);
    const bool named = desk.name() == pack_.secretariat();
    if (desk.kind() != v1::DESK_KIND_SECRETARIAT) {
      checks_.faults().Add(place.Field("kind"), v1::ERROR_REASON_CONTRADICTION,
                           named ? "must be DESK_KIND_SECRETARIAT: the pack names it as secretariat"
                                 : "must be DESK_KIND_SECRETARIAT: it succeeds the secretariat");
    }
    if (named && !desk.valid_from().empty()) {
      checks_.faults().Add(place.Field("valid_from"), v1::ERROR_REASON_CONTRADICTION,
                           "must be absent: there is a secretariat on every day");
    }
    if (desk.valid_to().empty()) break;
    if (desk.successor().empty()) {
      checks_.faults().Add(place.Field("valid_to"), v1::ERROR_REASON_CONTRADICTION,
                           "must be absent, or have a successor: there is a secretariat on every "
                           "day");
    }
    at = index_of.find(desk.successor());
  }
  return in_turn;
}

}  // namespace trialgate::directory
