// license_rows.cpp: the rows that show the licence.

#include "license_rows.hpp"

using coderd::metric;

namespace service {

license_rows::license_rows(license const& shown, user_store const& users)
    : user_count_{metric<"coderd_license_user_count">.read_from(
          [&users] { return users.active_count(); })},
      time_until_expires_{metric<"coderd_license_time_until_expires_days">.read_from(
          [at = shown.expires_at] { return at - now(); })} {
  metric<"coderd_license_issued_at_unix">.set(shown.issued_at);
  metric<"coderd_license_expires_at_unix">.set(shown.expires_at);
  metric<"coderd_license_user_limit">.set(shown.user_limit);
}

}  // namespace service
