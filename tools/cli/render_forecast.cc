#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// What stands to the left of the drawing, with its spaces.
constexpr int kLabelColumns = 36;
constexpr int kLeastDrawing = 20;
constexpr int kMostDrawing = 80;

// Maps counts of patients to columns of a drawing.
class Scale {
 public:
  Scale(int columns, long long most) : columns_(columns), most_(std::max(most, 1LL)) {}

  int columns() const { return columns_; }
  long long most() const { return most_; }
  // 0 to columns − 1.
  int At(long long patients) const {
    const long long within = std::clamp(patients, 0LL, most_);
    return static_cast<int>(within * (columns_ - 1) / most_);
  }

 private:
  int columns_;
  long long most_;
};

std::string Bar(const v1::ForecastMonth& month, long long wanted, const Scale& scale) {
  std::string bar(static_cast<std::size_t>(scale.columns()), ' ');
  const auto put = [&](long long patients, char sign) {
    bar[static_cast<std::size_t>(scale.At(patients))] = sign;
  };
  for (int i = scale.At(month.p10()); i <= scale.At(month.p90()); ++i) {
    bar[static_cast<std::size_t>(i)] = '=';
  }
  if (wanted > 0) put(wanted, '|');
  put(month.p50(), 'o');
  return bar.substr(0, bar.find_last_not_of(' ') + 1);
}

std::string Row(absl::string_view end, absl::string_view p10, absl::string_view p50,
                absl::string_view p90, absl::string_view probability) {
  return absl::StrCat(Pad(end, 10), Pad(p10, 6, true), Pad(p50, 6, true), Pad(p90, 6, true),
                      Pad(probability, 6, true), "  ");
}

}  // namespace

void AddPlot(const v1::Forecast& forecast, long long patients_wanted, const Screen& screen,
             Page* page) {
  if (forecast.months().empty()) return;
  long long most = patients_wanted;
  for (const v1::ForecastMonth& month : forecast.months()) {
    most = std::max<long long>(most, month.p90());
  }
  const int room = std::clamp(screen.width - kLabelColumns, kLeastDrawing, kMostDrawing);
  const Scale scale(room, most);
  page->Heading("Recruited by the end of each month");
  const std::string top = absl::StrCat(scale.most());
  page->Line({Row("BY", "P10", "P50", "P90", patients_wanted > 0 ? "PROB" : "") + "0" +
              Pad(top, room - 1, true)});
  for (const v1::ForecastMonth& month : forecast.months()) {
    const std::string probability = patients_wanted > 0 ? Percent(month.probability()) : "";
    page->Line({Row(month.end(), absl::StrCat(month.p10()), absl::StrCat(month.p50()),
                    absl::StrCat(month.p90()), probability) +
                Bar(month, patients_wanted, scale)});
  }
  page->Words(absl::StrCat("= from P10 to P90, o the median",
                           patients_wanted > 0 ? absl::StrCat(", | the ", patients_wanted,
                                                              " patients wanted; PROB the "
                                                              "probability of at least those")
                                               : "",
                           "."));
}

std::string RenderForecast(const v1::FeasibilityReport& report, long long patients_wanted,
                           const Screen& screen) {
  Page page(screen);
  if (report.rests_on_sample()) {
    page.Words("! This rests on SAMPLE values, invented to show how the program works.");
  }
  const v1::Forecast& forecast = report.forecast();
  page.Heading("Recruitment forecast");
  page.Words(absl::StrCat(Count(report.eligible_count(), "eligible site"), ": ",
                          Decimal(forecast.mean()), " patients expected, 80% between ",
                          forecast.p10(), " and ", forecast.p90(), "."));
  if (patients_wanted > 0) {
    const auto date = [](const std::string& text) {
      return text.empty() ? std::string("not within the window") : text;
    };
    page.Fields({{"patients wanted", absl::StrCat(patients_wanted)},
                 {"probability", Percent(forecast.probability())},
                 {"as likely as not by", date(forecast.date_p50())},
                 {"90% likely by", date(forecast.date_p90())}});
  }
  AddPlot(forecast, patients_wanted, screen, &page);
  return page.Take();
}

}  // namespace trialgate::cli
