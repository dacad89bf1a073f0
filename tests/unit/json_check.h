/* Whether a text is JSON, strictly by RFC 8259, in UTF-8; for tests. */
#ifndef TESTS_UNIT_JSON_CHECK_H
#define TESTS_UNIT_JSON_CHECK_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct json_check {
	const char *at;
	const char *end;
	bool wrong;
};

static inline int json_peek(const struct json_check *check)
{
	return check->at < check->end ? (unsigned char)*check->at : -1;
}

static inline void json_blanks(struct json_check *check)
{
	while (json_peek(check) == ' ' || json_peek(check) == '\n' ||
	       json_peek(check) == '\t' || json_peek(check) == '\r')
		check->at++;
}

static inline void json_expect(struct json_check *check, const char *word)
{
	for (; *word && !check->wrong; word++) {
		check->wrong = json_peek(check) != *word;
		check->at++;
	}
}

/* Overlong forms and the like are looked for by who reads with python3. */
static inline void json_utf8(struct json_check *check)
{
	int c = json_peek(check);
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	check->wrong |= c < 0x20 || (c >= 0x80 && c < 0xc2) || c > 0xf4;
	check->at++;
	while (more-- > 0 && !check->wrong) {
		check->wrong = (json_peek(check) & 0xc0) != 0x80;
		check->at++;
	}
}

static inline void json_string(struct json_check *check)
{
	json_expect(check, "\"");
	while (!check->wrong && json_peek(check) != '"') {
		if (json_peek(check) != '\\') {
			json_utf8(check);
			continue;
		}
		check->at++;
		check->wrong = json_peek(check) < 0 ||
			       !strchr("\"\\/bfnrtu", json_peek(check));
		for (int i = 0; json_peek(check) == 'u' && i < 1; i++) {
			for (int digit = 1; digit <= 4; digit++)
				check->wrong |= check->end - check->at < 6 ||
						!isxdigit(check->at[digit]);
			check->at += 4;
		}
		check->at++;
	}
	json_expect(check, "\"");
}

static inline void json_digits(struct json_check *check)
{
	check->wrong |= !isdigit(json_peek(check));
	while (isdigit(json_peek(check)))
		check->at++;
}

static inline void json_a_number(struct json_check *check)
{
	if (json_peek(check) == '-')
		check->at++;
	if (json_peek(check) == '0')
		check->at++;
	else
		json_digits(check);
	if (json_peek(check) != '.')
		return;
	check->at++;
	json_digits(check);
}

static inline void json_value(struct json_check *check);

static inline void json_members(struct json_check *check, char close)
{
	check->at++;
	json_blanks(check);
	while (!check->wrong && json_peek(check) != close) {
		if (close == '}') {
			json_string(check);
			json_expect(check, ":");
		}
		json_value(check);
		json_blanks(check);
		if (json_peek(check) == close)
			break;
		json_expect(check, ",");
		json_blanks(check);
		check->wrong |= json_peek(check) == close;
	}
	check->at++;
}

static inline void json_value(struct json_check *check)
{
	json_blanks(check);
	switch (json_peek(check)) {
	case '{':
		json_members(check, '}');
		break;
	case '[':
		json_members(check, ']');
		break;
	case '"':
		json_string(check);
		break;
	case 'n':
		json_expect(check, "null");
		break;
	default:
		json_a_number(check);
	}
}

static inline bool json_is_valid(const char *text, size_t size)
{
	struct json_check check = {text, text + size, false};

	json_value(&check);
	json_blanks(&check);
	return !check.wrong && check.at == check.end;
}

#endif
