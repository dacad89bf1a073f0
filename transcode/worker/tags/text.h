/*
 * Text as ID3v2 wants it: version 4 takes UTF-8; version 3 ISO 8859-1 where
 * that is enough, UTF-16 with a byte order mark where it is not. The input is
 * meant to be UTF-8; a byte that is not is taken for the ISO 8859-1 character
 * it most likely was.
 */
#ifndef WORKER_TEXT_H
#define WORKER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The encoding bytes of ID3v2.4.0-structure, 4. */
enum text_encoding { TEXT_LATIN1 = 0, TEXT_UTF16 = 1, TEXT_UTF8 = 3 };

bool text_fits_latin1(const char *text);

/* Bytes of the encoded text, the byte order mark included, without a NUL. */
size_t text_size(enum text_encoding encoding, const char *text);

/* Writes text_size() bytes. */
void text_write(enum text_encoding encoding, const char *text, uint8_t *to);

#endif
