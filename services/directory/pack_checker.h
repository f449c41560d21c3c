// The parts of CheckPack (pack.h). Internal to this folder.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_CHECKER_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_CHECKER_H_

#include <functional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/field_checks.h"
#include "services/directory/pack.h"

namespace trialgate::directory {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

// Checks one pack. Methods are in a file for each kind of thing.
class PackChecker {
 public:
  // Nothing is owned; both outlive the checker.
  PackChecker(const JoinedPack& joined, Faults* faults);

  void CheckAll(bool allow_sample);

  // Tests the pack's own texts by its rules for numbers of persons. False: there is one; then other
  // faults, which may quote such a text, are not to be told.
  bool CheckNoPersonalNumbers();

  // Single records (record_checker.h), each as CheckAll checks those of the pack.
  void CheckOne(const v1::Region& region, const Place& place);
  void CheckOne(const v1::Desk& desk, const Place& place);
  void CheckOne(const v1::Contact& contact, const Place& place);
  void CheckOne(const v1::Site& site, const Place& place);
  // What regions and desks are to each other: successors, regional desks, the secretariat.
  void CheckTogether();

 private:
  // pack_checker.cc
  const Place& PlaceOf(absl::string_view field, int index) const;
  Place PlaceOfSingle(absl::string_view field) const;
  void VisitElements(
      const std::function<void(const google::protobuf::Message&, const Place&)>& visit) const;
  void CheckSamples();
  void CheckSourcesAndTexts();
  void CheckSourcesAndTextsOf(const google::protobuf::Message& element, const Place& place);
  // References; where a file could not be read, what is missing may be in it: nothing is said.
  void Refers(const std::set<std::string>& names, absl::string_view name, absl::string_view what,
              const Place& place);
  void ReferAll(const std::set<std::string>& names, const Texts& texts, absl::string_view field,
                absl::string_view what, const Place& place);
  void Vocabulary(const std::set<std::string>& ids, const Texts& texts, absl::string_view field,
                  absl::string_view what, const Place& place);
  void Missing(const Place& place, absl::string_view description);

  // pack_checker_desks.cc
  void CheckRegions();
  void CheckRegion(const v1::Region& region, const Place& place);
  void CheckRegionSuccessors();
  void CheckRegionalDesks();
  void CheckDesks();
  void CheckDesk(const v1::Desk& desk, const Place& place);
  void CheckLead(const v1::Desk& desk, const Place& place);
  void CheckDeskSuccessors();
  void CheckContacts();
  void CheckContact(const v1::Contact& contact, const Place& place);
  void CheckPerson(const v1::Contact& contact, const Place& place);
  void CheckStandIns(const v1::Contact& contact, absl::string_view desk, const Place& place);
  void CheckCalendars();
  void CheckCalendar(const v1::Calendar& calendar, const Place& place);

  // pack_checker_secretariat.cc
  void CheckSecretariat();
  // The names of the secretariat and of those that succeed it.
  std::set<std::string> CheckSecretariatsInTurn();

  // pack_checker_sites.cc
  void CheckSites();
  void CheckSite(const v1::Site& site, const Place& place);
  void CheckSiteLists(const v1::Site& site, const Place& place);
  void CheckSiteValues();
  void CheckValues(const v1::Site& site, const Place& place);
  void CheckHistory(const v1::RecruitmentHistory& row, const Place& place);
  void CheckCapacities();
  void CheckOrganizations();

  // pack_checker_rules.cc
  void CheckCountry();
  void CheckPolicy();
  void CheckWeights(const v1::ScoreWeights& weights, const Place& place);
  void CheckPriors(const v1::Policy& policy, const Place& place);
  void CheckTerms(const google::protobuf::RepeatedPtrField<v1::Term>& terms,
                  absl::string_view field);
  void CheckConditionRules();
  void CheckConditionRule(const v1::ConditionRule& rule, const Place& place);
  void CheckRoutingRules();
  void CheckRoutingRule(const v1::RoutingRule& rule, bool last, const Place& place);

  // pack_checker_persons.cc
  void CheckPersonalNumberRules();
  void CheckRetentionRules();

  // A name or id that stands in `seen` already is a fault.
  void Unique(absl::string_view name, std::set<std::string>* seen, const Place& place);

  const JoinedPack& joined_;
  const v1::Pack& pack_;
  FieldChecks checks_;
  std::set<std::string> regions_;
  std::set<std::string> desks_;
  std::set<std::string> contacts_;
  std::set<std::string> ending_contacts_;
  std::set<std::string> calendars_;
  std::set<std::string> sites_;
  std::set<std::string> specialities_;
  std::set<std::string> capabilities_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_CHECKER_H_
