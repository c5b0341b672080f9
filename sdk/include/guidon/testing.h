// The test kit for apps: a real client without thread, file or network, with values, variants and prompts as a test sets
// them, and what it did to look at. Works with any framework. Link guidon::testing; docs/guide/testing.md shows it all.
#pragma once

#include "guidon/testing/datafile.h"
#include "guidon/testing/event_spy.h"
#include "guidon/testing/fake_clock.h"
#include "guidon/testing/fake_http.h"
#include "guidon/testing/fake_prompt_host.h"
#include "guidon/testing/fake_store.h"
#include "guidon/testing/framework.h"
#include "guidon/testing/print.h"
#include "guidon/testing/prompt_host_check.h"
#include "guidon/testing/test_client.h"
#include "guidon/testing/variants.h"
#include "guidon/testing/verdict.h"
