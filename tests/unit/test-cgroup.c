/* Control groups, as files in a directory show them. */
#include "cache/memory/pressure_private.h"

#include "scratch.h"

/* A group of version 2 without limits in which nothing is used. */
static void make_unified(const char *directory)
{
	scratch_write(directory, "memory.current", "0\n");
	scratch_write(directory, "memory.high", "max\n");
	scratch_write(directory, "memory.max", "max\n");
	scratch_write(directory, "memory.stat",
		      "anon 0\nfile 0\ninactive_file 0\nactive_file 0\n");
	scratch_write(directory, "memory.events",
		      "low 0\nhigh 0\nmax 0\noom 0\n");
}

/* The same of version 1, whose numbers of all below have a prefix. */
static void make_legacy(const char *directory)
{
	scratch_write(directory, "memory.usage_in_bytes", "0\n");
	scratch_write(directory, "memory.limit_in_bytes",
		      "9223372036854771712\n");
	scratch_write(directory, "memory.soft_limit_in_bytes", "1\n");
	scratch_write(directory, "memory.failcnt", "0\n");
	scratch_write(directory, "memory.stat",
		      "inactive_file 7000\nactive_file 7000\n"
		      "total_inactive_file 0\ntotal_active_file 0\n");
}

struct group {
	char *directory;
	struct cgroup cgroup;
};

static struct group make_group(void (*make)(const char *directory))
{
	struct group group = {.directory = scratch_make()};

	make(group.directory);
	cgroup_open(&group.cgroup, group.directory);
	return group;
}

static void remove_group(struct group *group)
{
	cgroup_release(&group->cgroup);
	scratch_remove(group->directory);
}

static void set(const struct group *group, const char *name, const char *text)
{
	scratch_write(group->directory, name, text);
}

static void without_a_group_there_is_no_limit_and_no_pressure(void **state)
{
	char *directory = scratch_make();
	const char *none[] = {NULL, "/does/not/exist", directory};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cgroup cgroup;

		cgroup_open(&cgroup, none[i]);
		assert_int_equal(cgroup.count, 0);
		assert_int_equal(cgroup_limit(&cgroup), UINT64_MAX);
		assert_false(cgroup_pressed(&cgroup));
		cgroup_release(&cgroup);
	}
	scratch_remove(directory);
}

static void max_is_no_limit(void **state)
{
	struct group group = make_group(make_unified);

	(void)state;
	set(&group, "memory.current", "999999999999\n");
	assert_int_equal(cgroup_limit(&group.cgroup), UINT64_MAX);
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void the_lower_one_of_high_and_max_is_the_limit(void **state)
{
	struct group group = make_group(make_unified);

	(void)state;
	set(&group, "memory.max", "2000000\n");
	assert_int_equal(cgroup_limit(&group.cgroup), 2000000);
	set(&group, "memory.high", "1000000\n");
	assert_int_equal(cgroup_limit(&group.cgroup), 1000000);
	set(&group, "memory.max", "500000\n");
	assert_int_equal(cgroup_limit(&group.cgroup), 500000);
	remove_group(&group);
}

static void version_1_has_its_hard_limit_only(void **state)
{
	struct group group = make_group(make_legacy);

	(void)state;
	assert_int_equal(cgroup_limit(&group.cgroup), 9223372036854771712u);
	set(&group, "memory.limit_in_bytes", "1000000\n");
	assert_int_equal(cgroup_limit(&group.cgroup), 1000000);
	remove_group(&group);
}

static void nine_tenths_of_the_limit_in_use_are_pressure(void **state)
{
	struct group group = make_group(make_unified);

	(void)state;
	set(&group, "memory.high", "1000000\n");
	set(&group, "memory.current", "899999\n");
	assert_false(cgroup_pressed(&group.cgroup));
	set(&group, "memory.current", "900000\n");
	assert_true(cgroup_pressed(&group.cgroup));
	assert_true(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void the_page_cache_does_not_count_as_in_use(void **state)
{
	struct group group = make_group(make_unified);

	(void)state;
	set(&group, "memory.high", "1000000\n");
	set(&group, "memory.current", "1000000\n");
	set(&group, "memory.stat",
	    "file 500000\nshmem 300000\nworkingset_inactive_file 900000\n"
	    "inactive_file 100000\nactive_file 1\n");
	assert_false(cgroup_pressed(&group.cgroup));
	set(&group, "memory.stat", "inactive_file 50000\nactive_file 50000\n");
	assert_true(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void version_1_counts_the_groups_below(void **state)
{
	struct group group = make_group(make_legacy);

	(void)state;
	set(&group, "memory.limit_in_bytes", "1000000\n");
	set(&group, "memory.usage_in_bytes", "1000000\n");
	assert_true(cgroup_pressed(&group.cgroup));
	set(&group, "memory.stat",
	    "inactive_file 0\ntotal_inactive_file 60000\n"
	    "total_active_file 60000\n");
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void being_held_up_is_pressure_once_much_is_in_use(void **state)
{
	struct group group = make_group(make_unified);

	(void)state;
	set(&group, "memory.high", "1000000\n");
	set(&group, "memory.current", "750000\n");
	assert_false(cgroup_pressed(&group.cgroup));
	set(&group, "memory.events", "low 0\nhigh 1\nmax 0\n");
	assert_true(cgroup_pressed(&group.cgroup));
	assert_false(cgroup_pressed(&group.cgroup));
	set(&group, "memory.events", "low 0\nhigh 1\nmax 1\n");
	assert_true(cgroup_pressed(&group.cgroup));
	set(&group, "memory.events", "low 9\nhigh 1\nmax 1\n");
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void version_1_counts_how_often_it_was_held_up(void **state)
{
	struct group group = make_group(make_legacy);

	(void)state;
	set(&group, "memory.limit_in_bytes", "1000000\n");
	set(&group, "memory.usage_in_bytes", "750000\n");
	assert_false(cgroup_pressed(&group.cgroup));
	set(&group, "memory.failcnt", "3\n");
	assert_true(cgroup_pressed(&group.cgroup));
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void being_held_up_by_the_page_cache_is_no_pressure(void **state)
{
	struct group group = make_group(make_unified);

	(void)state;
	set(&group, "memory.high", "1000000\n");
	set(&group, "memory.current", "1000000\n");
	set(&group, "memory.stat", "inactive_file 300000\nactive_file 0\n");
	set(&group, "memory.events", "high 77\n");
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void what_held_it_up_before_the_start_is_past(void **state)
{
	struct group group = {.directory = scratch_make()};

	(void)state;
	make_unified(group.directory);
	set(&group, "memory.high", "1000000\n");
	set(&group, "memory.current", "800000\n");
	set(&group, "memory.events", "high 77\n");
	cgroup_open(&group.cgroup, group.directory);
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

static void the_groups_above_limit_it_too(void **state)
{
	struct group group = {.directory = scratch_make()};
	char *below = scratch_path(group.directory, "below");

	(void)state;
	assert_int_equal(mkdir(below, 0700), 0);
	make_unified(group.directory);
	make_unified(below);
	cgroup_open(&group.cgroup, below);
	assert_int_equal(group.cgroup.count, 2);
	set(&group, "memory.high", "1000000\n");
	scratch_write(below, "memory.high", "2000000\n");
	assert_int_equal(cgroup_limit(&group.cgroup), 1000000);
	assert_false(cgroup_pressed(&group.cgroup));
	set(&group, "memory.current", "950000\n");
	assert_true(cgroup_pressed(&group.cgroup));
	free(below);
	remove_group(&group);
}

static void a_group_that_is_gone_is_one_without_limits(void **state)
{
	struct group group = make_group(make_unified);
	char *path = group.directory;

	(void)state;
	set(&group, "memory.high", "1000000\n");
	set(&group, "memory.current", "950000\n");
	group.directory = strdup(path);
	scratch_remove(path);
	assert_int_equal(cgroup_limit(&group.cgroup), UINT64_MAX);
	assert_false(cgroup_pressed(&group.cgroup));
	remove_group(&group);
}

/* A machine: its /proc/self, and where groups are mounted. */
struct machine {
	char *top;
	char *mount;
	char *group; /* mount/a/b */
};

static struct machine make_machine(void)
{
	struct machine machine = {.top = scratch_make()};
	char *between;

	machine.mount = scratch_path(machine.top, "the mount");
	between = scratch_path(machine.mount, "a");
	machine.group = scratch_path(between, "b");
	assert_int_equal(mkdir(machine.mount, 0700), 0);
	assert_int_equal(mkdir(between, 0700), 0);
	assert_int_equal(mkdir(machine.group, 0700), 0);
	free(between);
	return machine;
}

static void set_mounts(const struct machine *machine, const char *type)
{
	char *text;

	assert_true(asprintf(&text,
			     "tmpfs /sys/fs/cgroup tmpfs rw,mode=755 0 0\n"
			     "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"
			     "x %s/the\\040mount %s rw,memory 0 0\n",
			     machine->top, type) > 0);
	scratch_write(machine->top, "mounts", text);
	free(text);
}

static void assert_found(struct machine *machine, const char *expected)
{
	char *found = cgroup_find(machine->top);

	if (expected) {
		assert_non_null(found);
		assert_string_equal(found, expected);
	} else {
		assert_null(found);
	}
	free(found);
	free(machine->mount);
	free(machine->group);
	scratch_remove(machine->top);
}

static void the_group_of_version_1_is_found(void **state)
{
	struct machine machine = make_machine();

	(void)state;
	set_mounts(&machine, "cgroup");
	scratch_write(machine.top, "cgroup",
		      "9:name=memory:/\n5:mem:/\n4:cpu,memory:/a/b\n"
		      "0::/\n");
	make_legacy(machine.group);
	assert_found(&machine, machine.group);
}

static void the_group_of_version_2_is_found(void **state)
{
	struct machine machine = make_machine();

	(void)state;
	set_mounts(&machine, "cgroup2");
	scratch_write(machine.top, "cgroup", "4:cpu:/\n0::/a/b\n");
	make_unified(machine.group);
	assert_found(&machine, machine.group);
}

static void in_a_container_the_mount_is_the_group(void **state)
{
	struct machine machine = make_machine();

	(void)state;
	set_mounts(&machine, "cgroup2");
	scratch_write(machine.top, "cgroup", "0::/not/to/be/seen\n");
	make_unified(machine.mount);
	assert_found(&machine, machine.mount);
}

static void a_path_that_leads_out_of_the_mount_is_not_followed(void **state)
{
	struct machine machine = make_machine();

	(void)state;
	set_mounts(&machine, "cgroup2");
	scratch_write(machine.top, "cgroup", "0::/../\n");
	make_unified(machine.top);
	make_unified(machine.mount);
	assert_found(&machine, machine.mount);
}

static void a_group_that_does_not_count_memory_is_none(void **state)
{
	struct machine machine = make_machine();

	(void)state;
	set_mounts(&machine, "cgroup2");
	scratch_write(machine.top, "cgroup", "0::/a/b\n");
	assert_found(&machine, NULL);
}

static void without_its_files_no_group_is_found(void **state)
{
	struct machine machine = make_machine();

	(void)state;
	assert_found(&machine, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			without_a_group_there_is_no_limit_and_no_pressure),
		cmocka_unit_test(max_is_no_limit),
		cmocka_unit_test(the_lower_one_of_high_and_max_is_the_limit),
		cmocka_unit_test(version_1_has_its_hard_limit_only),
		cmocka_unit_test(nine_tenths_of_the_limit_in_use_are_pressure),
		cmocka_unit_test(the_page_cache_does_not_count_as_in_use),
		cmocka_unit_test(version_1_counts_the_groups_below),
		cmocka_unit_test(being_held_up_is_pressure_once_much_is_in_use),
		cmocka_unit_test(version_1_counts_how_often_it_was_held_up),
		cmocka_unit_test(
			being_held_up_by_the_page_cache_is_no_pressure),
		cmocka_unit_test(what_held_it_up_before_the_start_is_past),
		cmocka_unit_test(the_groups_above_limit_it_too),
		cmocka_unit_test(a_group_that_is_gone_is_one_without_limits),
		cmocka_unit_test(the_group_of_version_1_is_found),
		cmocka_unit_test(the_group_of_version_2_is_found),
		cmocka_unit_test(in_a_container_the_mount_is_the_group),
		cmocka_unit_test(
			a_path_that_leads_out_of_the_mount_is_not_followed),
		cmocka_unit_test(a_group_that_does_not_count_memory_is_none),
		cmocka_unit_test(without_its_files_no_group_is_found),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
