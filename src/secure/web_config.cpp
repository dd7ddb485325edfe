#include "secure/web_config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "secure/bcrypt.hpp"
#include "secure/cipher_names.hpp"
#include "secure/duration.hpp"
#include "secure/yaml_section.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::securing {

namespace {

template <class Value>
struct choice {
  std::string_view name;
  Value value;
};

constexpr choice<tls_version> versions[]{{"TLS10", tls_version::tls10},
                                         {"TLS11", tls_version::tls11},
                                         {"TLS12", tls_version::tls12},
                                         {"TLS13", tls_version::tls13}};

constexpr choice<client_auth> client_auths[]{
    {"NoClientCert", client_auth::none},
    {"", client_auth::none},
    {"RequestClientCert", client_auth::request},
    {"RequireAnyClientCert", client_auth::require_any},
    {"VerifyClientCertIfGiven", client_auth::verify_if_given},
    {"RequireAndVerifyClientCert", client_auth::require_and_verify},
    {"RequireClientCert", client_auth::require_any},  // as older files have it
};

/// By its digits alone: what is written alike is not alike in what it protects from.
std::string version_suggestion(std::vector<std::string_view> const& choices,
                               std::string_view seen) {
  if (seen.starts_with("SSL") || seen.starts_with("ssl"))
    return "; SSL is broken, remove the key for the default";
  std::string digits;
  for (char const c : seen)
    if (c >= '0' && c <= '9') digits += c;
  for (std::string_view const each : choices)
    if (each.substr(3) == digits) return "; did you mean '" + std::string(each) + "'?";
  return {};
}

template <class Value, std::size_t N>
void read_choice(yaml_section& in, std::string_view key, choice<Value> const (&choices)[N],
                 Value& value, decltype(&suggestion) suggest = &suggestion) {
  auto const seen = in.given_text(key);
  if (!seen) return;
  std::vector<std::string_view> names;
  for (auto const& each : choices) {
    if (each.name == seen->text) {
      value = each.value;
      return;
    }
    if (!each.name.empty()) names.push_back(each.name);
  }
  in.fail(key, seen->where,
          "expected " + one_of(names) + ", saw " + shown(seen->text) + suggest(names, seen->text));
}

/// Whether a text that stands where a file's name should is PEM, or its middle lines alone: base64
/// of a DER sequence begins with `M`. Then it may be a private key.
bool holds_pem(std::string_view text) {
  constexpr std::size_t base64_min = 48;  // of the shortest key it is 64
  constexpr std::string_view base64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= ";
  if (text.find("-----BEGIN") != std::string_view::npos) return true;
  if (text.find_first_of("\r\n") != std::string_view::npos) return true;
  return text.starts_with('M') && text.size() >= base64_min &&
         text.find_first_not_of(base64) == std::string_view::npos;
}

/// Inline or a file, at most one of which may be there. Neither text is part of a message.
std::optional<pem_source> read_pem(yaml_section& in, std::string_view key,
                                   std::string_view file_key) {
  auto const text = in.text(key);
  auto const file = in.text(file_key);
  if (text && file)
    in.fail(file_key, file->where,
            std::string("expected ")
                .append(key)
                .append(" or ")
                .append(file_key)
                .append(", saw both; remove one of them"));
  if (text) {
    if (text->text.find("-----BEGIN ") != std::string::npos)
      return pem_source{std::string(key), text->text, {}, text->where};
    in.fail(key, text->where,
            std::string("expected PEM text with a line `-----BEGIN …`, saw none; for the name of "
                        "a file write ")
                .append(file_key));
    return pem_source{std::string(key), {}, {}, text->where};  // it is there, if not right
  }
  if (!file) return std::nullopt;
  if (holds_pem(file->text)) {
    in.fail(file_key, file->where,
            std::string("expected the name of a file, saw PEM text or several lines; for the text "
                        "itself write ")
                .append(key));
    return pem_source{std::string(file_key), {}, {}, file->where};  // it is there, if not right
  }
  return pem_source{std::string(file_key), {}, file->text, file->where};
}

void read_ciphers(yaml_section& in, tls_config& tls) {
  auto const names = in.texts("cipher_suites");
  if (!names) return;
  for (placed const& each : *names) {
    cipher_name const* const found = find_cipher(each.text);
    if (found == nullptr)
      in.fail("cipher_suites", each.where,
              "expected a cipher suite by its name in Go, as in "
              "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, saw " +
                  shown(each.text) + suggestion(cipher_choices(), each.text));
    else if (found->openssl.empty())
      tls.tls13_named = true;
    else
      tls.ciphers.push_back({std::string(found->openssl), each.where});
    tls.ciphers_place = each.where;
  }
}

void read_curves(yaml_section& in, tls_config& tls) {
  auto const names = in.texts("curve_preferences");
  if (!names) return;
  for (placed const& each : *names) {
    curve_name const* const found = find_curve(each.text);
    if (found == nullptr)
      in.fail("curve_preferences", each.where,
              "expected " + one_of(curve_choices()) + ", saw " + shown(each.text) +
                  suggestion(curve_choices(), each.text));
    else if (std::none_of(tls.curves.begin(), tls.curves.end(),
                          [&](placed const& one) { return one.text == found->openssl; }))
      tls.curves.push_back({std::string(found->openssl), each.where});  // OpenSSL takes each once
    tls.curves_place = each.where;
  }
}

/// The rules between keys; each is said once.
void check_clients(yaml_section& in, tls_config const& tls, bool has_names, place names_place) {
  if (tls.client_ca && tls.clients == client_auth::none)
    in.fail("client_auth_type", tls.client_ca->where,
            "expected a type that uses " + tls.client_ca->key +
                ", saw NoClientCert or nothing; write RequireAndVerifyClientCert");
  bool const verifies =
      tls.clients == client_auth::verify_if_given || tls.clients == client_auth::require_and_verify;
  if (verifies && !tls.client_ca)
    in.fail("client_auth_type", in.find("client_auth_type")->value.where,
            "expected client_ca_file beside a type that verifies, saw none; name the CA of the "
            "clients' certificates");
  if (!has_names) return;
  if (tls.client_names.empty())
    in.fail("client_allowed_sans", names_place,
            "expected at least one name, saw an empty list, which would refuse every client; "
            "remove the key");
  if (tls.clients != client_auth::require_any && tls.clients != client_auth::require_and_verify)
    in.fail("client_allowed_sans", names_place,
            "expected client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert beside "
            "it, saw one with which a client need not show a certificate");
}

void check_versions(yaml_section& in, tls_config const& tls) {
  if (tls.least > tls.most)
    in.fail("min_version", tls.where,
            "expected at most max_version, saw a higher one, so that no client could connect");
  if (tls.tls13_named && tls.ciphers.empty() && tls.most < tls_version::tls13)
    in.fail("cipher_suites", tls.ciphers_place,
            "expected a suite of TLS 1.2 or below, since max_version is below TLS13, saw suites "
            "of TLS 1.3 only");
  bool const old = tls.most < tls_version::tls12;
  for (placed const& each : tls.ciphers)
    if (old && !each.text.ends_with("-SHA"))
      in.fail("cipher_suites", each.where,
              "expected a suite that max_version has, saw one of TLS 1.2; use one that ends in "
              "_CBC_SHA");
}

std::optional<tls_config> read_tls(std::string_view file, yaml_node const& node, problems& seen) {
  yaml_section in(file, "tls_server_config", node, seen);
  tls_config tls{.where = in.where()};
  auto certificate = read_pem(in, "cert", "cert_file");
  auto key = read_pem(in, "key", "key_file");
  tls.client_ca = read_pem(in, "client_ca", "client_ca_file");
  read_choice(in, "client_auth_type", client_auths, tls.clients);
  auto const names_place = in.find("client_allowed_sans");
  auto names = in.texts("client_allowed_sans");
  if (names) tls.client_names = *names;
  read_choice(in, "min_version", versions, tls.least, &version_suggestion);
  read_choice(in, "max_version", versions, tls.most, &version_suggestion);
  read_ciphers(in, tls);
  tls.prefer_server_ciphers = in.boolean("prefer_server_cipher_suites").value_or(true);
  read_curves(in, tls);
  in.end();
  bool const asked =
      std::any_of(node.members.begin(), node.members.end(),
                  [](yaml_member const& each) { return each.value.is != yaml_node::form::null; });
  if (!asked) return std::nullopt;
  if (!certificate)
    in.fail("cert_file", in.where(), "expected the certificate's file, saw none; add the key");
  if (!key)
    in.fail("key_file", in.where(), "expected the private key's file, saw none; add the key");
  check_clients(in, tls, names.has_value(), names ? names_place->value.where : place{});
  check_versions(in, tls);
  if (!certificate || !key) return std::nullopt;
  tls.certificate = *std::move(certificate);
  tls.key = *std::move(key);
  return tls;
}

/// As Go writes a header's value: each line end a blank, none around it. So a value of several
/// lines, by YAML's `>` or `|`, is one, and ends no header.
std::string header_value(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  std::size_t const first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

struct header_rule {
  std::string_view name;
  std::vector<std::string_view> values;  // empty: any
};

void read_headers(std::string_view file, yaml_node const& node, web_config& to, problems& seen) {
  static std::vector<header_rule> const rules{
      {"Content-Security-Policy", {}},
      {"Strict-Transport-Security", {}},
      {"X-Content-Type-Options", {"nosniff"}},
      {"X-Frame-Options", {"deny", "sameorigin"}},
      {"X-XSS-Protection", {}},
  };
  yaml_section in(file, "http_server_config.headers", node, seen);
  for (header_rule const& rule : rules) {
    auto const value = rule.values.empty() ? in.text(rule.name) : in.given_text(rule.name, true);
    if (!value) continue;
    bool const allowed = rule.values.empty() || std::find(rule.values.begin(), rule.values.end(),
                                                          value->text) != rule.values.end();
    std::string const sent = header_value(value->text);
    bool const printable = std::all_of(
        sent.begin(), sent.end(), [](char c) { return c == '\t' || (c >= 0x20 && c != 0x7F); });
    if (!allowed)
      in.fail(rule.name, value->where,
              "expected " + one_of(rule.values) + ", saw " + shown(value->text) +
                  suggestion(rule.values, value->text));
    else if (!printable)
      in.fail(rule.name, value->where,
              "expected printable ASCII, saw another character; remove it");
    else if (!sent.empty())
      to.headers.emplace_back(rule.name, sent);
  }
  in.end();
}

void read_http(std::string_view file, yaml_node const& node, web_config& to, problems& seen) {
  yaml_section in(file, "http_server_config", node, seen);
  to.http2_asked = in.boolean("http2").value_or(false);
  if (auto const* headers = in.find("headers")) read_headers(file, headers->value, to, seen);
  in.end();
}

void read_users(std::string_view file, yaml_node const& node, web_config& to, problems& seen) {
  yaml_section in(file, "basic_auth_users", node, seen);
  for (yaml_member const& each : node.members) {
    std::string const fault =
        each.value.is == yaml_node::form::scalar || each.value.is == yaml_node::form::null
            ? bcrypt_fault(each.value.text)
            : "expected a bcrypt hash, saw a list or keys";
    // A name with a colon could never log in: in the header the first colon ends the name.
    if (each.key.find(':') != std::string::npos)
      in.fail("", each.where, "expected user names without ':', saw " + shown(each.key));
    // Name and hash the wrong way round: the name is not shown then.
    if (!fault.empty() && may_be_secret(each.key))
      in.fail("", each.where,
              "expected a user's name, saw " + shown(each.key) +
                  "; write the name first, as in `alice: HASH`");
    else if (!fault.empty())
      in.fail(each.key, each.value.where, fault);
    to.users.emplace_back(each.key, each.value.text);
  }
}

void read_rate_limit(std::string_view file, yaml_node const& node, web_config& to, problems& seen) {
  yaml_section in(file, "rate_limit", node, seen);
  auto const interval = in.text("interval");
  auto const burst = in.text("burst");
  in.end();
  if (interval) {
    auto const parsed = parse_duration(interval->text);
    if (parsed)
      to.rate_limit.interval = *parsed;
    else
      in.fail("interval", interval->where,
              "expected a duration with a unit, as in 1s, 500ms or 1h30m, or 0 for no limit, saw " +
                  shown(interval->text));
  }
  constexpr std::size_t burst_max = 1'000'000'000;
  if (burst) {
    auto const* const end = burst->text.data() + burst->text.size();
    auto const [stop, failed] = std::from_chars(burst->text.data(), end, to.rate_limit.burst);
    if (failed != std::errc() || stop != end || to.rate_limit.burst > burst_max)
      in.fail("burst", burst->where,
              "expected a whole number up to 1000000000, saw " + shown(burst->text));
  }
  if (to.rate_limit.interval.count() > 0 && to.rate_limit.burst == 0 &&
      (!burst || burst->text == "0"))
    in.fail("burst", burst ? burst->where : in.where(),
            "expected at least 1, saw none, with which every request would be refused; write how "
            "many requests may come at once");
}

}  // namespace

std::optional<web_config> read_web_config(std::string_view file, std::string_view text,
                                          problems& seen) {
  std::size_t const before = seen.size();
  auto const root = read_yaml(file, text, seen);
  if (!root) return std::nullopt;
  web_config made;
  yaml_section in(file, "", *root, seen);
  if (auto const* tls = in.find("tls_server_config")) made.tls = read_tls(file, tls->value, seen);
  if (auto const* http = in.find("http_server_config")) read_http(file, http->value, made, seen);
  if (auto const* users = in.find("basic_auth_users")) read_users(file, users->value, made, seen);
  if (auto const* limit = in.find("rate_limit")) read_rate_limit(file, limit->value, made, seen);
  in.end();
  if (seen.size() != before) return std::nullopt;
  return made;
}

}  // namespace stele::securing
