// options.cpp: the command line, with CLI11; every option checks its own text.

#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>

namespace service {

namespace {

using boost::asio::ip::tcp;

constexpr unsigned workers_max = 64;

/// A whole decimal number, nothing before or after it.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// HOST:PORT or [HOST]:PORT, where HOST is an IP address; an IPv6 address needs the brackets.
std::optional<tcp::endpoint> parse_endpoint(std::string const& text) {
  auto const colon = text.rfind(':');
  if (colon == std::string::npos) return {};
  std::string host = text.substr(0, colon);
  bool const bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);

  boost::system::error_code error;
  auto const address = boost::asio::ip::make_address(host, error);
  auto const port = parse_number<std::uint16_t>(std::string_view{text}.substr(colon + 1));
  if (error || !port || address.is_v6() != bracketed) return {};
  return tcp::endpoint{address, *port};
}

std::string check_endpoint(std::string const& text) {
  if (parse_endpoint(text)) return {};
  return fmt::format(
      "expected ADDRESS:PORT with an IP address and a port from 0 to 65535, such as "
      "127.0.0.1:3000 or [::1]:0, saw '{}'",
      text);
}

std::string check_workers(std::string const& text) {
  auto const count = parse_number<unsigned>(text);
  if (count && *count >= 1 && *count <= workers_max) return {};
  return fmt::format("expected a number of threads from 1 to {}, saw '{}'", workers_max, text);
}

}  // namespace

std::variant<options, int> parse_options(int argc, char const* const* argv) {
  std::string api = "127.0.0.1:3000";
  std::string metrics = "127.0.0.1:2112";
  std::string agents = "127.0.0.1:2113";
  std::string workers = "2";
  options parsed;

  CLI::App app{"Stele's reference service: users, workspaces and their builds, with metrics."};
  app.name("coderd");
  app.add_option("--api", api, "Address of the HTTP API; port 0 picks a free one")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str()
      ->check(check_endpoint);
  app.add_option("--metrics", metrics, "Address of the Prometheus endpoint")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str()
      ->check(check_endpoint);
  app.add_flag("--self-metrics", parsed.self_metrics,
               "Expose what the SDK counts of itself, too: refused updates and pushes, claims, …");
  app.add_option("--agents", agents, "Address to which workspace agents push")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str()
      ->check(check_endpoint);
  app.add_option("--agent-tokens", parsed.agent_tokens,
                 "File with a line an agent: token or sha256:HASH, user_id, workspace_id;\n"
                 "without it: the token that the answer to a workspace's creation has")
      ->type_name("FILE");
  app.add_option("--agents-config", parsed.agents_config,
                 "YAML file: limits, time to live, what is dropped or aggregated")
      ->type_name("FILE");
  app.add_option("--peer", parsed.peers,
                 "Another coderd's --agents as a URL, told of workspaces that move here; may be "
                 "repeated")
      ->type_name("URL");
  app.add_option("--peer-tokens", parsed.peer_tokens,
                 "File with a token a line: the first is sent to peers, each is taken from them")
      ->type_name("FILE");
  app.add_option("--workers", workers, "Threads that run workspace builds")
      ->type_name("N")
      ->capture_default_str()
      ->check(check_workers);
  app.add_option("--license", parsed.license_file,
                 "JSON file with issued_at, expires_at and user_limit;\n"
                 "without it: an evaluation licence for 30 days and 25 users")
      ->type_name("FILE");

  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const& help) {
    return app.exit(help);
  } catch (CLI::ParseError const& error) {
    fmt::print(stderr, "coderd: {}\ncoderd: see coderd --help\n", error.what());
    return 2;
  }
  parsed.api = parse_endpoint(api).value();
  parsed.metrics = parse_endpoint(metrics).value();
  parsed.agents = parse_endpoint(agents).value();
  parsed.workers = parse_number<unsigned>(workers).value();
  return parsed;
}

std::string to_text(tcp::endpoint const& where) {
  auto const form = where.address().is_v6() ? "[{}]:{}" : "{}:{}";
  return fmt::format(fmt::runtime(form), where.address().to_string(), where.port());
}

}  // namespace service
