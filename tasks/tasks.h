/*
 * The front door of tasks/: long work that is reported, and what it works on,
 * with a mount or without.
 */
#ifndef TASKS_TASKS_H
#define TASKS_TASKS_H

#include "tasks/backend.h"
#include "tasks/batch.h"
#include "tasks/check.h"
#include "tasks/control_call.h"
#include "tasks/core.h"
#include "tasks/events.h"
#include "tasks/explain.h"
#include "tasks/outcomes.h"
#include "tasks/precache.h"
#include "tasks/publish.h"
#include "tasks/task.h"

#endif
