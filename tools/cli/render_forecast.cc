#include <algorithm>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// The columns that are as wide in every drawing.
constexpr int kDateColumns = 10;
constexpr int kPercentColumns = 6;
constexpr int kGap = 2;
// Of a count with the space before it; more where counts are larger.
constexpr int kCountColumns = 6;
// With less room nothing is drawn.
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
    const absl::int128 within = std::clamp(patients, 0LL, most_);
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

// A line of the drawing without what is drawn.
class Row {
 public:
  explicit Row(long long most) {
    count_columns_ = std::max(kCountColumns, static_cast<int>(absl::StrCat(most).size()) + 1);
  }

  int columns() const { return kDateColumns + 3 * count_columns_ + kPercentColumns + kGap; }

  std::string Of(absl::string_view end, absl::string_view p10, absl::string_view p50,
                 absl::string_view p90, absl::string_view probability) const {
    return absl::StrCat(Pad(Cut(Clean(end), kDateColumns), kDateColumns),
                        Pad(p10, count_columns_, true), Pad(p50, count_columns_, true),
                        Pad(p90, count_columns_, true),
                        Pad(Cut(probability, kPercentColumns - 1), kPercentColumns, true));
  }

 private:
  int count_columns_;
};

std::string Legend(long long patients_wanted) {
  if (patients_wanted <= 0) return "= from P10 to P90, o the median.";
  return absl::StrCat("= from P10 to P90, o the median, | the ", patients_wanted,
                      " patients wanted; PROB the probability of at least those.");
}

}  // namespace

void AddPlot(const v1::Forecast& forecast, long long patients_wanted, const Screen& screen,
             Page* page) {
  if (forecast.months().empty()) return;
  const bool is_wanted = patients_wanted > 0;
  long long most = patients_wanted;
  for (const v1::ForecastMonth& month : forecast.months()) {
    most = std::max<long long>({most, month.p10(), month.p50(), month.p90()});
  }
  const Row row(most);
  const int room = std::min(screen.width - row.columns(), kMostDrawing);
  const bool is_drawn = room >= kLeastDrawing;
  const Scale scale(std::max(room, 1), most);
  const std::string gap(kGap, ' ');
  page->Heading("Recruited by the end of each month");
  const std::string header = row.Of("BY", "P10", "P50", "P90", is_wanted ? "PROB" : "");
  page->Line({is_drawn
                  ? absl::StrCat(header, gap, "0", Pad(absl::StrCat(scale.most()), room - 1, true))
                  : header});
  for (const v1::ForecastMonth& month : forecast.months()) {
    const std::string line =
        row.Of(month.end(), absl::StrCat(month.p10()), absl::StrCat(month.p50()),
               absl::StrCat(month.p90()), is_wanted ? Percent(month.probability()) : "");
    page->Line({is_drawn ? absl::StrCat(line, gap, Bar(month, patients_wanted, scale)) : line});
  }
  if (is_drawn) page->Words(Legend(patients_wanted));
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
