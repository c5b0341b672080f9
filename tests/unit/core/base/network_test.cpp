#include "sdk/core/base/network.h"

#include <doctest/doctest.h>

#include <string>

using namespace guidon;
using namespace guidon::network;

TEST_CASE("an address is in a network, not in it, or none, as its row says") {
  const struct {
    std::string network;
    std::string address;
    char is;  // 'y', 'n', or '-' where the address is none
  } rows[] = {
      {"10.0.0.0/8", "10.255.0.1", 'y'},
      {"10.0.0.0/8", "11.0.0.0", 'n'},
      {"0.0.0.0/0", "255.255.255.255", 'y'},
      {"192.168.1.7/32", "192.168.1.7", 'y'},
      {"192.168.1.7/32", "192.168.1.6", 'n'},
      {"192.168.1.6/31", "192.168.1.7", 'y'},
      {"10.0.0.0/8", "::ffff:10.1.2.3", 'y'},
      {"10.0.0.0/8", "::FFFF:a01:203", 'y'},
      {"::ffff:10.0.0.0/104", "10.1.2.3", 'y'},
      {"10.0.0.0/8", "::10.1.2.3", 'n'},
      {"::/0", "10.1.2.3", 'n'},
      {"::/0", "2001:db8::1", 'y'},
      {"0.0.0.0/0", "2001:db8::1", 'n'},
      {"fd00::/8", "fdab:1:2:3:4:5:6:7", 'y'},
      {"fd00::/8", "fe80::1", 'n'},
      {"2001:db8::/33", "2001:db8:7fff::", 'y'},
      {"2001:db8::/33", "2001:db8:8000::", 'n'},
      {"2001:db8::/64", "2001:db8::ffff", 'y'},
      {"2001:db8::/64", "2001:db8:0:1::", 'n'},
      {"2001:db8::/65", "2001:db8:0:0:7fff::", 'y'},
      {"2001:db8::/65", "2001:db8:0:0:8000::", 'n'},
      {"::1/128", "::1", 'y'},
      {"::1/128", "0:0:0:0:0:0:0:1", 'y'},
      {"::1/128", "::2", 'n'},
      {"::1/128", "", '-'},
      {"::1/128", "10.1.2", '-'},
      {"::1/128", "10.1.2.3.4", '-'},
      {"::1/128", "10.01.2.3", '-'},
      {"::1/128", "10.1.2.256", '-'},
      {"::1/128", "10.1.2.3 ", '-'},
      {"::1/128", "10.1.2.3/8", '-'},
      {"::1/128", "1.2.3.+4", '-'},
      {"::1/128", ":1", '-'},
      {"::1/128", "1:", '-'},
      {"::1/128", ":::", '-'},
      {"::1/128", "1::2::3", '-'},
      {"::1/128", "1:2:3:4:5:6:7", '-'},
      {"::1/128", "1:2:3:4:5:6:7:8:9", '-'},
      {"::1/128", "1:2:3:4:5:6:7:8::", '-'},
      {"::1/128", "::12345", '-'},
      {"::1/128", "::g", '-'},
      {"::1/128", "1.2.3.4::", '-'},
      {"::1/128", "1:2:3:4:5:6:7:1.2.3.4", '-'},
      {"::1/128", "fe80::1%eth0", '-'},
      {"::1/128", "[::1]", '-'},
  };
  for (const auto& row : rows) {
    CAPTURE(row.network);
    CAPTURE(row.address);
    const auto network = ReadNetwork(row.network, nullptr);
    REQUIRE(network);
    const auto address = ReadAddress(row.address);
    CHECK((!address ? '-' : Contains(*network, *address) ? 'y' : 'n') == row.is);
  }
}

TEST_CASE("a network that is none is refused with what is wrong") {
  const struct {
    std::string text;
    std::string why;
  } rows[] = {
      {"", "is no network such as 10.0.0.0/8 or fd00::/8"},
      {"10.0.0/8", "is no network such as 10.0.0.0/8 or fd00::/8"},
      {"10.0.0.1", "has no prefix: write 10.0.0.1/32 for one address"},
      {"::1", "has no prefix: write ::1/128 for one address"},
      {"10.0.0.0/33", "has a prefix that is none: it goes from 0 to 32"},
      {"10.0.0.0/08", "has a prefix that is none: it goes from 0 to 32"},
      {"10.0.0.0/", "has a prefix that is none: it goes from 0 to 32"},
      {"fd00::/129", "has a prefix that is none: it goes from 0 to 128"},
      {"10.1.2.3/8", "has bits behind the prefix: write 10.0.0.0/8"},
      {"10.1.2.3/0", "has bits behind the prefix: write 0.0.0.0/0"},
      {"fd00::1/8", "has bits behind the prefix: write fd00:0:0:0:0:0:0:0/8"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    std::string why;
    CHECK_FALSE(ReadNetwork(row.text, &why));
    CHECK(why == row.why);
  }
}
