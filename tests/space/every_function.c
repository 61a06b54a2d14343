// Every function of the library with little address space, on modules of all kinds: it succeeds, or is refused with a reason;
// never does it end the process. See space.h.

#define _GNU_SOURCE
#include "hostile.h"
#include "modules.h"
#include "watched.h"

TEST(types_are_made_or_refused) { sweep(live_types); }
TEST(objects_of_all_families_are_copied_or_refused) { sweep(live_families); }
TEST(objects_of_the_host_are_made_or_refused) { sweep(live_objects); }
TEST(modules_are_made_kept_and_shared_or_refused) { sweep_in_all_modes(live_modules); }
TEST(linkers_link_or_refuse) { sweep(live_linkers); }
TEST(new_threads_link_or_are_refused) { sweep(live_new_threads); }
TEST(instances_are_made_and_called_or_refused) { sweep_in_all_modes(live_instances); }
TEST(traps_say_why_and_where_or_less) { sweep_in_all_modes(live_traps); }
TEST(errors_say_why_or_less) { sweep(live_errors); }
TEST(profiles_and_timelines_are_written_or_refused) { sweep(live_profiles); }
TEST(fuel_deadlines_and_interrupts_bound_guests) { sweep_in_all_modes(live_bounded); }
TEST(exceptions_are_thrown_or_refused) { sweep_in_all_modes(live_exceptions); }
TEST(shared_memories_are_made_and_used_or_refused) { sweep(live_shared_memories); }

TEST(functions_that_want_much_memory_are_compiled_or_refused) {
  for (size_t i = 0; i < BODIES; ++i) sweep_hostile(bodies[i].name, module_with_body(&bodies[i]));
}

TEST(modules_with_many_entries_are_made_or_refused) {
  for (size_t i = 0; i < SECTIONS; ++i) sweep_hostile(sections[i].name, module_with_section(&sections[i]));
  sweep_hostile("functions", module_with_functions());
}
