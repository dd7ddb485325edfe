// license_rows.hpp: the five rows that show the licence, for as long as the object lives.

#pragma once

#include <coderd.hpp>

#include "license.hpp"
#include "users.hpp"

namespace service {

class license_rows {
 public:
  /// `users` outlives the object; it is asked at scrape time.
  license_rows(license const& shown, user_store const& users);

 private:
  stele::reading user_count_;
  stele::reading time_until_expires_;
};

}  // namespace service
