/* See config_text.h. */
#include "cli/settings/config_text.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/settings/options.h"
#include "cli/settings/values.h"

#include <string.h>

/* What a file cannot express becomes a comment. */
static void put_value(FILE *out, const char *name, const struct given *given)
{
	if (given->text && value_fits_file(given->text)) {
		fprintf(out, "%s =%s%s\n", name, *given->text ? " " : "",
			given->text);
		return;
	}
	fprintf(out, "#%s = ", name);
	for (const char *c = given->text; c && *c; c++)
		fputc((unsigned char)*c < ' ' ? '?' : *c, out);
	fputc('\n', out);
}

static void put_settings(FILE *out, const struct mount_options *options)
{
	for (unsigned i = 0; i < settings_count; i++) {
		const struct given *given = &options->given[i];

		fprintf(out, "\n# %s\n# from: %s\n", settings[i].text,
			given->origin ? given->origin : "nowhere");
		put_value(out, settings[i].name, given);
	}
}

/* Settings that the codec does not use are left out. */
static bool is_of_use(const struct profile *profile, unsigned k)
{
	struct profile changed = *profile;

	if (profile->codec == CODEC_MP3)
		return true;
	changed.bit_rate = changed.lame_quality = 1;
	quality_settings[k].set(&changed, quality_settings[k].preset);
	return changed.bit_rate == 1 && changed.lame_quality == 1;
}

static void put_quality(FILE *out, const struct qualities *qualities,
			unsigned i)
{
	const struct profile *profile = &qualities->profiles[i];

	fprintf(out, "\n[quality %s]\n", profile->name);
	for (unsigned k = 0; k < QUALITY_SETTINGS; k++) {
		const struct given *given = &qualities->given[i][k];

		if (!is_of_use(profile, k))
			continue;
		fprintf(out, "# from: %s\n", given->origin);
		put_value(out, quality_settings[k].name, given);
	}
}

char *config_text(const struct mount_options *options)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("# groovefs: what is in force, and where it comes from.\n", out);
	put_settings(out, options);
	fputs("\n# Qualities. Where a file has any, there are no others.\n",
	      out);
	for (unsigned k = 0; k < QUALITY_SETTINGS; k++)
		fprintf(out, "#   %-12s %s\n", quality_settings[k].name,
			quality_settings[k].text);
	for (unsigned i = 0; i < options->qualities.count; i++)
		put_quality(out, &options->qualities, i);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void put_values(struct json *json, const struct given *given)
{
	json_path(json, "value", given->text);
	json_path(json, "origin", given->origin);
}

static void put_given(struct json *json, const char *name,
		      const struct given *given)
{
	json_open(json, name, '{');
	put_values(json, given);
	json_close(json, '{');
}

static void put_keys(struct json *json, const struct qualities *qualities,
		     unsigned i)
{
	for (unsigned k = 0; k < QUALITY_SETTINGS; k++) {
		if (is_of_use(&qualities->profiles[i], k))
			put_given(json, quality_settings[k].name,
				  &qualities->given[i][k]);
	}
}

static void put_all(struct json *json, const struct mount_options *options)
{
	const struct qualities *qualities = &options->qualities;

	json_open(json, "settings", '{');
	for (unsigned i = 0; i < settings_count; i++)
		put_given(json, settings[i].name, &options->given[i]);
	json_close(json, '{');
	json_open(json, "qualities", '[');
	for (unsigned i = 0; i < qualities->count; i++) {
		json_open(json, NULL, '{');
		json_path(json, "name", qualities->profiles[i].name);
		put_keys(json, qualities, i);
		json_close(json, '{');
	}
	json_close(json, '[');
}

static void put_lines(FILE *out, const struct mount_options *options)
{
	const struct qualities *qualities = &options->qualities;
	struct json json;

	for (unsigned i = 0; i < settings_count; i++) {
		json_begin_line(&json, out);
		json_word(&json, "setting", settings[i].name);
		put_values(&json, &options->given[i]);
		json_end_file(&json);
	}
	for (unsigned i = 0; i < qualities->count; i++) {
		json_begin_line(&json, out);
		json_path(&json, "quality", qualities->profiles[i].name);
		put_keys(&json, qualities, i);
		json_end_file(&json);
	}
}

void config_json(const struct mount_options *options, bool lines, FILE *out)
{
	struct json json;

	if (lines) {
		put_lines(out, options);
		return;
	}
	json_begin_line(&json, out);
	put_all(&json, options);
	json_end_file(&json);
}
