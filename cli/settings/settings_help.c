/* What --help says about settings: a table, wrapped. */
#include "cli/settings/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Wraps words at the 80th column; further lines are indented like the first. */
void print_help_line(const char *left, const char *text)
{
	enum { MARGIN = 29, WIDTH = 79 };
	int column = printf("  %-26s", left);

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column + 1 + n > WIDTH) {
			printf("\n%*s", MARGIN - 1, "");
			column = MARGIN - 1;
		}
		column += printf(" %.*s", n, text);
		text += n;
		text += strspn(text, " ");
	}
	putchar('\n');
}

void settings_print_help(void)
{
	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];
		bool told = s->preset && *s->preset;
		char left[40], text[256];

		snprintf(left, sizeof(left), "%s=%s", s->name, s->form);
		snprintf(text, sizeof(text), "%s%s%s%s", s->text,
			 told ? " (" : "", told ? s->preset : "",
			 told ? ")" : "");
		print_help_line(left, text);
	}
}
