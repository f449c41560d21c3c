// Which hospital dirty names of registries mean, by an invented file and by that of the Danish
// pack.
#include "tools/registry/places.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/support/status_matchers.h"
#include "tools/registry/files.h"

namespace trialgate::registry {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPlaces[] = R"(
hospitals:
- hospital: North Hospital
  region: N
  names: [north hospital*, nh, nørrebæk*]
  wider: [university of the north]
  postcodes: ["9000"]
  cities: [northtown]
- hospital: South Hospital
  region: S
  names: [south hospital]
  wider: [university of the north]
departments:
- {speciality: urology, words: [urolog*]}
- {speciality: children, words: [pædiatri*, childrens department]}
)";

std::string HospitalOf(const Places& places, const TrialPlace& place) {
  const auto found = places.Find(place);
  return found.ok() ? found->hospital + " by " + found->by : "none";
}

TEST(PlacesTest, ALetterHasOneWayToBeWritten) {
  EXPECT_EQ(PlainWords("Århus N"), PlainWords("Aarhus-N"));
  EXPECT_EQ(PlainWords("ÅRHUS"), PlainWords("arhus"));
  EXPECT_EQ(PlainWords("Køge"), PlainWords("Koege"));
  EXPECT_EQ(PlainWords("Næstved"), PlainWords("Naestved"));
  EXPECT_EQ(PlainWords("Paediatrics & more"), PlainWords("pediatrics and  more"));
  EXPECT_EQ(PlainWords(""), " ");
}

TEST(PlacesTest, APostcodeIsTheFirstFourDigits) {
  EXPECT_EQ(PostcodeOf("DK- 2730"), "2730");
  EXPECT_EQ(PostcodeOf("DK2400NV"), "2400");
  EXPECT_EQ(PostcodeOf("24 00"), "");
  EXPECT_EQ(PostcodeOf(""), "");
}

TEST(PlacesTest, ANameGoesBeforeAPostcodeAndThatBeforeAWiderName) {
  const auto places = ReadPlaces(kPlaces);
  ASSERT_OK(places);
  EXPECT_EQ(HospitalOf(*places, {{"Dept. X, NORTH HOSPITALS"}, "", "", ""}),
            "North Hospital by name");
  EXPECT_EQ(HospitalOf(*places, {{"NH"}, "", "", ""}), "North Hospital by name");
  EXPECT_EQ(HospitalOf(*places, {{"nhx"}, "", "", ""}), "none") << "only whole words";
  EXPECT_EQ(HospitalOf(*places, {{"Noerrebaek Clinic"}, "", "", ""}), "North Hospital by name");
  EXPECT_EQ(HospitalOf(*places, {{"South Hospital"}, "Northtown", "9000", ""}),
            "South Hospital by name");
  EXPECT_EQ(HospitalOf(*places, {{"Research Site"}, "Elsewhere", "X-9000", ""}),
            "North Hospital by postcode");
  EXPECT_EQ(HospitalOf(*places, {{"Research Site"}, "Northtown", "", ""}),
            "North Hospital by city");
  EXPECT_EQ(HospitalOf(*places, {{"Research Site"}, "Northtown", "1234", ""}), "none")
      << "the postcode is of another place in it";
  EXPECT_EQ(HospitalOf(*places, {{"University of the North"}, "", "", ""}),
            "North Hospital by wider name");
}

TEST(PlacesTest, AHospitalOutsideOfTheKnownRegionIsPassedOver) {
  const auto places = ReadPlaces(kPlaces);
  ASSERT_OK(places);
  EXPECT_EQ(HospitalOf(*places, {{"North Hospital", "South Hospital"}, "", "", "S"}),
            "South Hospital by name");
  EXPECT_EQ(HospitalOf(*places, {{"University of the North"}, "", "", "S"}),
            "South Hospital by wider name");
  EXPECT_EQ(HospitalOf(*places, {{"North Hospital"}, "", "", "S"}), "none");
}

TEST(PlacesTest, ADepartmentTellsItsSpeciality) {
  const auto places = ReadPlaces(kPlaces);
  ASSERT_OK(places);
  EXPECT_THAT(places->SpecialitiesOf("Department of Urology"), ElementsAre("urology"));
  EXPECT_THAT(places->SpecialitiesOf("Pediatric urology unit"), ElementsAre("urology", "children"));
  EXPECT_THAT(places->SpecialitiesOf("Research Site"), ElementsAre());
}

TEST(PlacesTest, AFileThatIsNoneSaysWhy) {
  for (const char* const broken :
       {"hospitals: [{hospital: A}]", "hospitals: [3]", "cities: []", "{", "[]"}) {
    EXPECT_THAT(ReadPlaces(broken),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("file of places")))
        << broken;
  }
}

TEST(PlacesTest, DanishHospitalsAreKnownByWhatRegistriesCallThem) {
  const auto places = ReadPlacesOf("deploy/packs/denmark");
  ASSERT_OK(places);
  const std::vector<std::pair<TrialPlace, std::string>> cases = {
      {{{"OUH"}, "", "", ""}, "Odense University Hospital"},
      {{{"Odense Universitet Hospital"}, "Odense", "5000", ""}, "Odense University Hospital"},
      {{{"Odense University Hospital (OUH), Odense"}, "Fyn", "5230", ""},
       "Odense University Hospital"},
      {{{"Rigshospitalet, Copenhagen"}, "", "", ""}, "Rigshospitalet"},
      {{{"Copenhagen University Hospital in Herlev, Denmark"}, "Herlev", "2730", ""},
       "Herlev and Gentofte Hospital"},
      {{{"University Hospital of Copenhagen"}, "Gentofte Municipality", "2820", ""},
       "Herlev and Gentofte Hospital"},
      {{{"Bispebjerg Hospital, University of Copenhagen"}, "", "", ""},
       "Bispebjerg and Frederiksberg Hospital"},
      {{{"Århus Universitetshospital, Skejby"}, "", "", ""}, "Aarhus University Hospital"},
      {{{"University of Aarhus"}, "", "", "DK-82"}, "Aarhus University Hospital"},
      {{{"Childrens Department, Hillerød hospital"}, "", "", ""}, "Nordsjællands Hospital"},
      {{{"Hospital of Southern Denmark, Sonderborg"}, "Southern Denmark", "6400", ""},
       "Hospital of Southern Jutland"},
      {{{"Department of Surgery, Koge Hospital, Denmark"}, "", "", ""},
       "Zealand University Hospital"},
      {{{"Research Site"}, "Aalborg", "9100", ""}, "Aalborg University Hospital"},
  };
  for (const auto& [place, hospital] : cases) {
    const auto found = places->Find(place);
    ASSERT_OK(found) << place.texts[0];
    EXPECT_EQ(found->hospital, hospital) << place.texts[0];
  }
  EXPECT_THAT(places->Find({{"Astma, Allergi- og Lungeklinik"}, "Copenhagen", "1364", ""}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("postcode 1364")));
}

}  // namespace
}  // namespace trialgate::registry
