/*
 * Facts: a queue in memory in front of a database.
 *
 *   facts_put() --> queue --> writer thread --> writer connection
 *   facts_get() --> queue, then reader connection
 *
 * A row leaves the queue after it was committed, so that one of the two always
 * knows it. If the database fails, rows stay in the queue, which is bounded. If
 * it is damaged, the writer sets it aside and starts a new one.
 */
#include "cache/disk/facts.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/disk/facts_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define BATCH 500	 /* rows in one transaction */
#define GATHER_MS 200	 /* how long a row waits for others */
#define RETRY_MS 10000	 /* after a failure */
#define WRITER_WAIT 5000 /* ms, for another process's transaction */
#define READER_WAIT 50	 /* ms, for another process's recovery */
#define SUFFIX ".bad"

struct facts_db {
	char *path; /* immutable */

	pthread_t thread;
	struct facts_sql *writer; /* the thread's; NULL: cannot be opened */
	bool failing;		  /* the thread's: it was logged */
	struct facts_row *batch;  /* the thread's */

	atomic_bool damaged; /* a reader found it damaged */

	pthread_mutex_t reading; /* one query at a time */
	struct facts_sql *reader;

	/* protected by the lock, which is held for no I/O */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct facts_queue queue;
	struct facts_queue passing; /* never written */
	uint64_t wanted; /* passes over the queue that were requested */
	uint64_t passed; /* and those that were made */
	bool stop;
};

static void log_failure(struct facts_db *db, int error)
{
	if (!db->failing)
		log_warn("cannot use the database '%s': %s; facts are kept in "
			 "memory only",
			 db->path, strerror(-error));
	db->failing = true;
}

static void rename_suffixed(const char *path, const char *suffix)
{
	auto_free char *from = NULL;
	auto_free char *to = NULL;

	if (asprintf(&from, "%s%s", path, suffix) < 0) {
		from = NULL;
		return;
	}
	if (asprintf(&to, "%s" SUFFIX "%s", path, suffix) < 0) {
		to = NULL;
		return;
	}
	if (rename(from, to) < 0 && errno != ENOENT)
		log_warn("cannot set '%s' aside: %s", from, strerror(errno));
}

/* The journal goes with its database: the next one must not replay it. */
static void set_aside(const struct facts_db *db)
{
	log_warn("the database '%s' is damaged or of another version: set "
		 "aside as '%s" SUFFIX "'; starting a new one",
		 db->path, db->path);
	rename_suffixed(db->path, "-wal");
	rename_suffixed(db->path, "-shm");
	rename_suffixed(db->path, "");
}

static void set_reader(struct facts_db *db, struct facts_sql *reader)
{
	struct facts_sql *old;

	pthread_mutex_lock(&db->reading);
	old = db->reader;
	db->reader = reader;
	pthread_mutex_unlock(&db->reading);
	facts_sql_close(old);
}

static void close_connections(struct facts_db *db)
{
	set_reader(db, NULL);
	facts_sql_close(db->writer);
	db->writer = NULL;
}

static int open_connections(struct facts_db *db)
{
	struct facts_sql *reader = NULL;
	int r = facts_sql_open(db->path, WRITER_WAIT, &db->writer);

	if (r == 0)
		r = facts_sql_open(db->path, READER_WAIT, &reader);
	if (r < 0)
		close_connections(db);
	else
		set_reader(db, reader);
	return r;
}

static int open_or_replace(struct facts_db *db)
{
	int r = open_connections(db);

	if (r == -EBADMSG) {
		set_aside(db);
		r = open_connections(db);
	}
	return r;
}

static int put_rows(struct facts_sql *sql, const struct facts_row *rows,
		    size_t count)
{
	int r = facts_sql_begin(sql);

	for (size_t i = 0; i < count && r == 0; i++)
		r = facts_sql_put(sql, &rows[i].id, &rows[i].facts);
	if (r == 0)
		r = facts_sql_commit(sql);
	if (r < 0)
		facts_sql_undo(sql);
	return r;
}

static size_t copy_batch(struct facts_db *db)
{
	auto_lock(&db->lock);

	return facts_queue_copy(&db->queue, db->batch, BATCH);
}

static void remove_batch(struct facts_db *db, size_t count)
{
	auto_lock(&db->lock);

	for (size_t i = 0; i < count; i++)
		facts_queue_remove(&db->queue, &db->batch[i]);
}

static int write_queue(struct facts_db *db)
{
	size_t n;
	int r = 0;

	if (!db->writer)
		r = open_or_replace(db);
	while (r == 0 && (n = copy_batch(db)) > 0) {
		r = put_rows(db->writer, db->batch, n);
		if (r == 0)
			remove_batch(db, n);
	}
	return r;
}

/* A second one follows if the database turns out to be damaged. */
static int pass(struct facts_db *db)
{
	int r = atomic_load(&db->damaged) ? -EBADMSG : write_queue(db);

	if (r == -EBADMSG) {
		close_connections(db);
		atomic_store(&db->damaged, false);
		set_aside(db);
		r = write_queue(db);
	}
	if (r == -EIO) /* the file may have been removed: open it anew */
		close_connections(db);
	if (r < 0)
		log_failure(db, r);
	else
		db->failing = false;
	return r;
}

static bool asked_locked(const struct facts_db *db)
{
	return db->stop || db->wanted > db->passed;
}

/*
 * Waits until there is something to write, then lets a batch gather (or a
 * failure pass). Returns the pass that is due.
 */
static uint64_t wait_for_work_locked(struct facts_db *db, bool failed)
{
	struct timespec until;
	int r = 0;

	while (!failed && !asked_locked(db) && db->queue.count == 0 &&
	       !atomic_load(&db->damaged))
		pthread_cond_wait(&db->changed, &db->lock);
	until = clock_after_ms(failed ? RETRY_MS : GATHER_MS);
	while (!asked_locked(db) && r == 0)
		r = pthread_cond_timedwait(&db->changed, &db->lock, &until);
	return db->wanted;
}

static void *write_now_and_then(void *argument)
{
	struct facts_db *db = argument;
	bool failed = !db->writer, stop = false;

	while (!stop) {
		uint64_t wanted;

		pthread_mutex_lock(&db->lock);
		wanted = wait_for_work_locked(db, failed);
		stop = db->stop;
		pthread_mutex_unlock(&db->lock);
		failed = pass(db) < 0;
		pthread_mutex_lock(&db->lock);
		db->passed = wanted;
		pthread_cond_broadcast(&db->changed);
		pthread_mutex_unlock(&db->lock);
	}
	return NULL;
}

static void init_locks(struct facts_db *db)
{
	pthread_mutex_init(&db->lock, NULL);
	pthread_mutex_init(&db->reading, NULL);
	clock_init_cond(&db->changed);
}

static void free_db(struct facts_db *db)
{
	close_connections(db);
	facts_queue_release(&db->queue);
	facts_queue_release(&db->passing);
	pthread_cond_destroy(&db->changed);
	pthread_mutex_destroy(&db->lock);
	pthread_mutex_destroy(&db->reading);
	free(db->batch);
	free(db->path);
	free(db);
}

static struct facts_db *make_db(const char *directory)
{
	struct facts_db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	facts_queue_init(&db->queue);
	facts_queue_init(&db->passing);
	init_locks(db);
	db->batch = malloc(BATCH * sizeof(*db->batch));
	if (asprintf(&db->path, "%s/facts.sqlite", directory) < 0)
		db->path = NULL;
	if (db->batch && db->path)
		return db;
	free_db(db);
	return NULL;
}

int facts_open(const char *directory, struct facts_db **out)
{
	struct facts_db *db = make_db(directory);
	int r;

	if (!db)
		return -ENOMEM;
	r = open_or_replace(db);
	if (r < 0)
		log_failure(db, r);
	if (pthread_create(&db->thread, NULL, write_now_and_then, db) != 0) {
		free_db(db);
		return -ENOMEM;
	}
	*out = db;
	return 0;
}

void facts_close(struct facts_db *db)
{
	if (!db)
		return;
	pthread_mutex_lock(&db->lock);
	db->stop = true;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
	pthread_join(db->thread, NULL);
	free_db(db);
}

static bool get_queued(struct facts_db *db, const struct file_id *id,
		       struct facts *facts)
{
	auto_lock(&db->lock);
	const struct facts_row *row = facts_queue_find(&db->queue, id);

	if (!row)
		row = facts_queue_find(&db->passing, id);
	if (row)
		*facts = row->facts;
	return row != NULL;
}

/*
 * Under the reading lock, so that what this reader finds is not reported too
 * late.
 */
static int get_written_locked(struct facts_db *db, const struct file_id *id,
			      struct facts *facts)
{
	int r = db->reader ? facts_sql_get(db->reader, id, facts) : -ENOENT;

	if (r != -EBADMSG)
		return r;
	auto_lock(&db->lock);
	atomic_store(&db->damaged, true);
	pthread_cond_broadcast(&db->changed);
	return r;
}

int facts_get(struct facts_db *db, const struct file_id *id,
	      struct facts *facts)
{
	if (get_queued(db, id, facts))
		return 0;
	auto_lock(&db->reading);
	return get_written_locked(db, id, facts) < 0 ? -ENOENT : 0;
}

void facts_put(struct facts_db *db, const struct file_id *id,
	       const struct facts *facts)
{
	auto_lock(&db->lock);

	facts_queue_put(&db->queue, id, facts);
	pthread_cond_broadcast(&db->changed);
}

void facts_put_for_now(struct facts_db *db, const struct file_id *id,
		       const struct facts *facts)
{
	auto_lock(&db->lock);

	facts_queue_put(&db->passing, id, facts);
}

void facts_flush(struct facts_db *db)
{
	auto_lock(&db->lock);
	uint64_t wanted = ++db->wanted;

	pthread_cond_broadcast(&db->changed);
	while (db->passed < wanted)
		pthread_cond_wait(&db->changed, &db->lock);
}
