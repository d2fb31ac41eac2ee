/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdint.h>
#include <bfvmm/format.h>

struct out {
	char *to;
	size_t size, used;
};

struct spec {
	bool left, zero, alternate;
	int width, longs;
};

static void put(struct out *out, char c)
{
	if (out->used + 1 < out->size)
		out->to[out->used++] = c;
}

static void pad(struct out *out, int count, char c)
{
	while (count-- > 0)
		put(out, c);
}

static void put_text(struct out *out, const struct spec *spec, const char *text, int length)
{
	int fill = spec->width - length;

	if (!spec->left)
		pad(out, fill, ' ');
	for (int i = 0; i < length; i++)
		put(out, text[i]);
	if (spec->left)
		pad(out, fill, ' ');
}

static void put_number(struct out *out, struct spec *spec, uint64_t value, unsigned int base,
		       const char *prefix)
{
	char digits[24];
	int at = sizeof(digits), prefix_length = 0;

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (prefix[prefix_length])
		prefix_length++;

	if (spec->zero && !spec->left) {
		int zeros = spec->width - prefix_length - ((int)sizeof(digits) - at);

		for (int i = 0; i < prefix_length; i++)
			put(out, prefix[i]);
		pad(out, zeros, '0');
		spec->width = 0;
		prefix_length = 0;
	}
	while (prefix_length)
		digits[--at] = prefix[--prefix_length];
	put_text(out, spec, digits + at, (int)sizeof(digits) - at);
}

static int text_length(const char *text)
{
	int length = 0;

	while (text[length])
		length++;
	return length;
}

static const char *parse(const char *at, struct spec *spec)
{
	*spec = (struct spec){0};
	for (;; at++) {
		if (*at == '-')
			spec->left = true;
		else if (*at == '0')
			spec->zero = true;
		else if (*at == '#')
			spec->alternate = true;
		else
			break;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		spec->width = spec->width * 10 + (*at - '0');
	for (; *at == 'l'; at++)
		spec->longs++;
	return at;
}

static void put_signed(struct out *out, struct spec *spec, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

	put_number(out, spec, magnitude, 10, value < 0 ? "-" : "");
}

static void convert(struct out *out, struct spec *spec, char type, va_list *args)
{
	const char *text;
	char c;

	switch (type) {
	case 's':
		text = va_arg(*args, const char *);
		text = text ? text : "(null)";
		put_text(out, spec, text, text_length(text));
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(out, spec, &c, 1);
		break;
	case 'd':
		put_signed(out, spec, spec->longs ? va_arg(*args, long) : va_arg(*args, int));
		break;
	case 'u':
		put_number(out, spec,
			   spec->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int),
			   10, "");
		break;
	case 'x':
		put_number(out, spec,
			   spec->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int),
			   16, spec->alternate ? "0x" : "");
		break;
	case 'p':
		put_number(out, spec, (uintptr_t)va_arg(*args, void *), 16, "0x");
		break;
	default:
		put(out, type);
	}
}

size_t bf_vformat(char *to, size_t size, const char *format, va_list args)
{
	struct out out = {.to = to, .size = size};
	struct spec spec;
	va_list copy;

	va_copy(copy, args);
	for (; *format; format++) {
		if (*format != '%') {
			put(&out, *format);
			continue;
		}
		format = parse(format + 1, &spec);
		if (!*format)
			break;
		convert(&out, &spec, *format, &copy);
	}
	va_end(copy);
	to[out.used] = '\0';
	return out.used;
}

size_t bf_format(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t used = bf_vformat(to, size, format, args);
	va_end(args);
	return used;
}
