#include "tools/cli/record_forms.h"

namespace trialgate::cli {
namespace {

constexpr char kSourceNote[] = "where it is from; empty: declared, today";
constexpr char kDayNote[] = "YYYY-MM-DD; may be empty";

}  // namespace

FormSpec OrganizationForm(const std::string& what) {
  return {.title = what,
          .hidden = {"name", "etag", "state", "source"},
          .notes = {{"size", "of companies"}, {"country", "of its seat, such as DK"}},
          .prefix = "organization"};
}

FormSpec RegionForm(const std::string& what) {
  return {.title = what,
          .hidden = {"name", "etag", "valid_to", "successor"},
          .notes = {{"display_name", "English name"},
                    {"country", "such as DK"},
                    {"valid_from", kDayNote},
                    {"texts", "the region's profile"},
                    {"texts.review_date", "when it was looked over; empty: today"},
                    {"texts.source", kSourceNote}},
          .prefix = "region"};
}

FormSpec DeskForm(const std::string& what) {
  return {.title = what,
          .hidden = {"name", "etag", "valid_to", "successor"},
          .notes = {{"display_name", "English name"},
                    {"time_zone", "such as Europe/Copenhagen"},
                    {"calendar", "calendars/ID: its working days"},
                    {"regions", "regions/ID that it answers for"},
                    {"specialities", "none: all"},
                    {"lead", "desks/ID/contacts/ID"},
                    {"valid_from", kDayNote},
                    {"source", kSourceNote}},
          .prefix = "desk"};
}

FormSpec ContactForm(const std::string& what) {
  return {.title = what,
          .hidden = {"name", "etag", "valid_to"},
          .notes = {{"display_name", "the person's name"},
                    {"email", "where notices go"},
                    {"specialities", "none: no particular one"},
                    {"deputies", "desks/ID/contacts/ID who stand in, in this order"},
                    {"absences.first_day", "YYYY-MM-DD"},
                    {"absences.last_day", "YYYY-MM-DD, that day included"}},
          .prefix = "contact"};
}

FormSpec SiteForm(const std::string& what) {
  return {.title = what,
          .hidden = {"name", "etag", "valid_to", "review"},
          .notes = {{"display_name", "hospital and department"},
                    {"region", "regions/ID where it stands"},
                    {"valid_from", kDayNote},
                    {"kinds", "of trial that it takes"},
                    {"phases", "that it runs"},
                    {"specialities", "ids of the country's pack"},
                    {"capabilities", "ids of the country's pack"},
                    {"languages", "spoken with patients: da, en"},
                    {"start_up", "days from request to first patient in"},
                    {"history", "patients claimed and recruited in past trials"},
                    {"source", kSourceNote}},
          .prefix = "site"};
}

}  // namespace trialgate::cli
