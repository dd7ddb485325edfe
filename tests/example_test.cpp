// A service's own unit tests, as docs/using.md shows them: copy this file to begin with yours. The
// service is README.md's shop, whose table is tests/data/shop.md.

#include <shop.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

using shop::metric;

// ---- The service --------------------------------------------------------------------------------

namespace {

struct cart {
  decltype(metric<"shop_carts">.track()) open = metric<"shop_carts">.track();
};

cart a_cart() { return {}; }

void checkout(cart const&) {
  auto const timer = metric<"shop_checkout_seconds">.time();
  metric<"shop_orders_total">.with({.method = shop::method::card}).inc();
}

}  // namespace

// ---- Its tests ----------------------------------------------------------------------------------

TEST(Checkout, CountsTheOrder) {
  stele::testing::delta const orders(metric<"shop_orders_total">.with({.method = "card"}));
  stele::testing::delta const times(metric<"shop_checkout_seconds">);
  checkout(a_cart());
  EXPECT_EQ(orders.value(), 1U);
  EXPECT_EQ(times.value().count, 1U);
}

TEST(Checkout, ShowsTheOpenCarts) {
  auto const cart = a_cart();
  auto const shown = stele::testing::exposes<shop::table>(R"(
      # HELP shop_carts Carts that are open.
      # TYPE shop_carts gauge
      shop_carts 1
  )",
                                                          {"shop_carts"});
  EXPECT_TRUE(shown) << shown.message();
}
