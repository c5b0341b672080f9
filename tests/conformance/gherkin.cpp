#include "tests/conformance/gherkin.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace guidon::conformance {
namespace {

std::string Trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

bool TakeWord(const std::string& word, std::string* line) {
  if (line->compare(0, word.size(), word) != 0) return false;
  *line = Trimmed(line->substr(word.size()));
  return true;
}

std::set<std::string> TagsOf(const std::string& line) {
  std::istringstream words(line);
  std::set<std::string> tags;
  for (std::string word; words >> word;) tags.insert(word);
  return tags;
}

std::vector<std::string> CellsOf(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '|' || line[i + 1] == '\\')) {
      cell += line[++i];
    } else if (line[i] == '|') {
      cells.push_back(Trimmed(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return cells;
}

void Replace(const std::string& from, const std::string& to, std::string* text) {
  for (std::size_t at = text->find(from); at != std::string::npos; at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
}

struct Examples {
  std::set<std::string> tags;
  std::vector<std::vector<std::string>> rows;  // the names first
};

struct Outline {
  Scenario scenario;
  bool has_examples = false;
  std::vector<Examples> examples;
};

void Expand(const Outline& outline, std::vector<Scenario>* out) {
  if (!outline.has_examples) return out->push_back(outline.scenario);
  for (const Examples& examples : outline.examples) {
    for (std::size_t row = 1; row < examples.rows.size(); ++row) {
      Scenario scenario = outline.scenario;
      scenario.tags.insert(examples.tags.begin(), examples.tags.end());
      scenario.name += " [";
      for (std::size_t i = 0; i < examples.rows[row].size() && i < examples.rows[0].size(); ++i) {
        scenario.name += (i == 0 ? "" : ", ") + examples.rows[row][i];
        const std::string place = "<" + examples.rows[0][i] + ">";
        for (Step& step : scenario.steps) {
          Replace(place, examples.rows[row][i], &step.text);
          for (auto& cells : step.table) {
            for (std::string& cell : cells) Replace(place, examples.rows[row][i], &cell);
          }
        }
      }
      scenario.name += "]";
      out->push_back(std::move(scenario));
    }
  }
}

}  // namespace

// The last one, which may be JSON, ends where the line does.
std::vector<std::string> Step::Quoted() const {
  std::vector<std::string> quoted;
  std::size_t last = std::string::npos;
  for (const char* marker : {" value \"", " should be \""}) {
    const std::size_t found = text.find(marker);
    if (found != std::string::npos) last = std::min(last, found + std::string(marker).size() - 1);
  }
  for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at)) {
    std::string value;
    const bool is_last = at == last;
    const std::size_t end = is_last ? text.rfind('"') : std::string::npos;
    for (++at; at < text.size() && (is_last ? at < end : text[at] != '"'); ++at) {
      if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '"') ++at;
      value += text[at];
    }
    quoted.push_back(value);
    if (at < text.size()) ++at;
  }
  return quoted;
}

std::vector<Scenario> ParseFeature(const std::string& text) {
  std::vector<Scenario> scenarios;
  std::vector<Step> background;
  std::set<std::string> feature_tags, tags;
  Outline outline;
  bool is_open = false, is_background = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = Trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '@') {
      for (const std::string& tag : TagsOf(line)) tags.insert(tag);
      continue;
    }
    if (line[0] == '|') {
      if (outline.has_examples && !outline.examples.empty()) {
        outline.examples.back().rows.push_back(CellsOf(line));
      } else if (!outline.scenario.steps.empty()) {
        outline.scenario.steps.back().table.push_back(CellsOf(line));
      }
      continue;
    }
    if (TakeWord("Feature:", &line)) {
      feature_tags = std::exchange(tags, {});
    } else if (TakeWord("Background:", &line)) {
      is_background = true;
    } else if (TakeWord("Scenario Outline:", &line) || TakeWord("Scenario:", &line)) {
      if (is_open) Expand(outline, &scenarios);
      outline = Outline();
      outline.scenario.name = line;
      outline.scenario.tags = feature_tags;
      for (const std::string& tag : std::exchange(tags, {})) outline.scenario.tags.insert(tag);
      outline.scenario.steps = background;
      is_open = true;
      is_background = false;
    } else if (TakeWord("Examples:", &line)) {
      outline.has_examples = true;
      outline.examples.push_back({std::exchange(tags, {}), {}});
    } else if (TakeWord("Given ", &line) || TakeWord("When ", &line) || TakeWord("Then ", &line) ||
               TakeWord("And ", &line) || TakeWord("But ", &line)) {
      (is_background ? background : outline.scenario.steps).push_back({line, {}});
    }
  }
  if (is_open) Expand(outline, &scenarios);
  return scenarios;
}

}  // namespace guidon::conformance
