/* Facts: what is put is got, also after a restart. */
#include "facts_fixture.h"

#include <pthread.h>

static void an_unknown_file_has_no_facts(void **state)
{
	struct fixture *f = *state;
	struct file_id id = id_of(1);
	struct facts facts = {.rate = 7};

	assert_int_equal(facts_get(f->db, &id, &facts), -ENOENT);
	assert_int_equal(facts.rate, 7);
}

static void what_was_put_is_got_at_once(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	assert_true(known(f->db, 1));
}

static void what_was_written_is_got_from_the_database(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	facts_flush(f->db);
	assert_true(known(f->db, 1));
}

static void what_is_for_now_ends_with_the_database(void **state)
{
	struct fixture *f = *state;
	struct file_id id = id_of(1);
	struct facts facts = {.kind = FACTS_BROKEN};

	facts_put_for_now(f->db, &id, &facts);
	facts_flush(f->db);
	assert_int_equal(facts_get(f->db, &id, &facts), 0);
	assert_int_equal(facts.kind, FACTS_BROKEN);
	close_db(f);
	reopen(f);
	assert_int_equal(facts_get(f->db, &id, &facts), -ENOENT);
}

static void facts_survive_a_restart(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	close_db(f);
	reopen(f);
	assert_true(known(f->db, 1));
}

static void another_version_of_a_file_has_other_facts(void **state)
{
	struct fixture *f = *state;
	struct file_id id = id_of(1);
	struct facts facts;

	put(f->db, 1);
	facts_flush(f->db);
	id.mtime_ns++;
	assert_int_equal(facts_get(f->db, &id, &facts), -ENOENT);
}

static void the_last_put_holds(void **state)
{
	struct fixture *f = *state;
	struct file_id id = id_of(1);
	struct facts facts = facts_of(1);

	put(f->db, 1);
	facts_flush(f->db);
	facts.rate = 96000;
	facts_put(f->db, &id, &facts);
	facts_flush(f->db);
	assert_int_equal(facts_get(f->db, &id, &facts), 0);
	assert_int_equal(facts.rate, 96000);
}

static void a_new_version_replaces_the_row_of_the_old(void **state)
{
	struct fixture *f = *state;
	struct file_id id = id_of(1);
	struct facts facts = facts_of(1);

	put(f->db, 1);
	facts_flush(f->db);
	id.mtime_ns++;
	facts_put(f->db, &id, &facts);
	facts_flush(f->db);
	assert_int_equal(query(f->path, "SELECT count(*) FROM track"), 1);
}

static void people_can_look_at_the_columns(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	facts_flush(f->db);
	assert_int_equal(query(f->path, "SELECT rate FROM track WHERE "
					"codec = 'flac' AND channels = 2 AND "
					"bits = 24 AND has_picture = 1"),
			 44100);
}

static void the_database_is_private_and_uses_a_write_ahead_log(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(query(f->path, "SELECT count(*) FROM "
					"pragma_journal_mode WHERE "
					"journal_mode = 'wal'"),
			 1);
}

/* Such a row may be of an older version of its file. */
static void rows_without_the_time_of_change_are_dropped(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	close_db(f);
	run(f->path, "DROP TABLE track; CREATE TABLE track (dev INTEGER);"
		     "INSERT INTO track VALUES (1); PRAGMA user_version = 4");
	reopen(f);
	assert_int_equal(query(f->path, "SELECT count(*) FROM track"), 0);
	put(f->db, 1);
	facts_flush(f->db);
	assert_true(known(f->db, 1));
}

static void a_file_that_changed_with_its_time_set_back_is_another(void **state)
{
	struct fixture *f = *state;
	struct file_id id = id_of(1);
	struct facts facts;

	put(f->db, 1);
	facts_flush(f->db);
	id.ctime_ns++;
	assert_int_equal(facts_get(f->db, &id, &facts), -ENOENT);
}

static void many_rows_are_all_written(void **state)
{
	struct fixture *f = *state;

	for (uint64_t n = 0; n < 3000; n++)
		put(f->db, n);
	close_db(f);
	reopen(f);
	for (uint64_t n = 0; n < 3000; n++)
		assert_true(known(f->db, n));
}

static void two_connections_see_each_other_s_rows(void **state)
{
	struct fixture *f = *state;
	struct facts_db *other;

	assert_int_equal(facts_open(f->directory, &other), 0);
	put(f->db, 1);
	facts_flush(f->db);
	assert_true(known(other, 1));
	put(other, 2);
	facts_flush(other);
	assert_true(known(f->db, 2));
	facts_close(other);
	assert_true(known(f->db, 1));
}

struct user {
	struct facts_db *db;
	uint64_t first;
	bool wrong;
};

/* The log cannot be moved into the database meanwhile: SQLITE_BUSY. */
static void a_reader_that_holds_up_checkpoints_costs_no_row(void **state)
{
	enum { MANY = 5000 };
	struct fixture *f = *state;
	sqlite3 *reader;

	put(f->db, 0);
	close_db(f);
	assert_int_equal(sqlite3_open(f->path, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader,
				      "BEGIN; SELECT count(*) FROM track;",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	reopen(f);
	for (uint64_t i = 1; i <= MANY; i++)
		put(f->db, i);
	close_db(f);
	reopen(f);
	for (uint64_t i = 0; i <= MANY; i++)
		assert_true(known(f->db, i));
	sqlite3_close(reader);
	assert_int_equal(query(f->path, "SELECT count(*) FROM track"),
			 MANY + 1);
}

static void *put_and_get(void *argument)
{
	struct user *u = argument;

	for (uint64_t n = u->first; n < u->first + 1000; n++) {
		put(u->db, n);
		u->wrong |= !known(u->db, n);
		u->wrong |= !known(u->db, u->first + (n - u->first) / 2);
	}
	return NULL;
}

/* At every moment the queue or the database knows a row. */
static void what_was_put_is_known_at_every_moment(void **state)
{
	struct fixture *f = *state;
	struct facts_db *other;
	struct user users[4];
	pthread_t threads[4];

	assert_int_equal(facts_open(f->directory, &other), 0);
	for (unsigned i = 0; i < 4; i++) {
		users[i] = (struct user){i % 2 ? other : f->db, i * 10000, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, put_and_get,
						&users[i]),
				 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_false(users[i].wrong);
	}
	facts_close(other);
	facts_flush(f->db);
	assert_int_equal(query(f->path, "SELECT count(*) FROM track"), 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_file_has_no_facts),
		TEST(what_was_put_is_got_at_once),
		TEST(what_was_written_is_got_from_the_database),
		TEST(what_is_for_now_ends_with_the_database),
		TEST(facts_survive_a_restart),
		TEST(another_version_of_a_file_has_other_facts),
		TEST(the_last_put_holds),
		TEST(a_new_version_replaces_the_row_of_the_old),
		TEST(people_can_look_at_the_columns),
		TEST(the_database_is_private_and_uses_a_write_ahead_log),
		TEST(rows_without_the_time_of_change_are_dropped),
		TEST(a_file_that_changed_with_its_time_set_back_is_another),
		TEST(many_rows_are_all_written),
		TEST(two_connections_see_each_other_s_rows),
		TEST(a_reader_that_holds_up_checkpoints_costs_no_row),
		TEST(what_was_put_is_known_at_every_moment),
	};

	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
