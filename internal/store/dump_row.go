package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The rows of a dump, as docs/formats/dump.md describes them.

// maxRow is the length in bytes that a row of a dump may not reach.
const maxRow = 1 << 30

// kind is the type of a column in a dump.
type kind string

const (
	kindInteger kind = "integer"
	kindText    kind = "text"
	kindBytes   kind = "bytes"
)

// escapes holds, for each byte of a text that does not stand for itself, the letter behind the backslash.
var escapes = [256]byte{'\\': '\\', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r'}

// unescapes is the reverse of escapes.
var unescapes = func() (table [256]byte) {
	for b, letter := range escapes {
		if letter != 0 {
			table[letter] = byte(b)
		}
	}
	return table
}()

// appendValue appends a value as SQLite's driver gives it. A value whose type is not its column's, which SQLite
// alone allows, is written as its column's type where it can be.
func appendValue(line []byte, of kind, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(line, '\\', 'N'), nil
	case int64:
		switch of {
		case kindInteger, kindText:
			return strconv.AppendInt(line, v, 10), nil
		}
	case string:
		switch of {
		case kindText:
			return appendText(line, v)
		case kindBytes:
			return appendBytes(line, []byte(v)), nil
		}
	case []byte:
		switch of {
		case kindText:
			return appendText(line, string(v))
		case kindBytes:
			return appendBytes(line, v), nil
		}
	}
	return line, fmt.Errorf("a value of type %T cannot stand in a column of type %s", value, of)
}

func appendBytes(line, v []byte) []byte {
	return hex.AppendEncode(append(line, '\\', '\\', 'x'), v)
}

func appendText(line []byte, v string) ([]byte, error) {
	if !utf8.ValidString(v) {
		return line, errors.New("a text is not UTF-8")
	}
	plain := 0
	for i := range len(v) {
		if letter := escapes[v[i]]; letter != 0 {
			line = append(append(line, v[plain:i]...), '\\', letter)
			plain = i + 1
		}
	}
	return append(line, v[plain:]...), nil
}

// value is one value of a row that was read: null, a number, or text or bytes that are valid until the next
// row is read.
type value struct {
	null   bool
	number int64
	data   []byte
}

// parseRow takes a line without its line feed apart. values has one element for each column; scratch is
// memory for what cannot be used in place, and is returned, perhaps grown.
func parseRow(line []byte, columns []column, values []value, scratch []byte) ([]byte, error) {
	scratch = scratch[:0]
	if cap(scratch) < len(line) { // so that it is never moved while values point into it
		scratch = make([]byte, 0, 2*len(line))
	}
	for i, c := range columns {
		field, rest, more := bytes.Cut(line, []byte{'\t'})
		if last := i == len(columns)-1; more == last {
			return scratch, fmt.Errorf("it has not %d values", len(columns))
		}
		line = rest
		var err error
		values[i], scratch, err = parseValue(field, c.kind, scratch)
		if err != nil {
			return scratch, fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return scratch, nil
}

func parseValue(field []byte, of kind, scratch []byte) (value, []byte, error) {
	if len(field) == 2 && field[0] == '\\' && field[1] == 'N' {
		return value{null: true}, scratch, nil
	}
	begun := len(scratch)
	switch of {
	case kindInteger:
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil || len(field) > 1 && (field[0] == '+' || field[0] == '0' || field[0] == '-' && field[1] == '0') {
			return value{}, scratch, errors.New("it is not an integer")
		}
		return value{number: n}, scratch, nil
	case kindBytes:
		digits, ok := bytes.CutPrefix(field, []byte(`\\x`))
		if !ok {
			return value{}, scratch, errors.New(`it does not begin with \\x`)
		}
		for _, d := range digits {
			if d >= 'A' && d <= 'F' {
				return value{}, scratch, errors.New("its digits are not lower-case")
			}
		}
		scratch, err := hex.AppendDecode(scratch, digits)
		if err != nil {
			return value{}, scratch, errors.New("its digits are not pairs of hexadecimal ones")
		}
		return value{data: scratch[begun:]}, scratch, nil
	}
	if !utf8.Valid(field) || bytes.IndexByte(field, 0) >= 0 {
		return value{}, scratch, errors.New("it is not text: it holds a zero byte or is not UTF-8")
	}
	if bytes.IndexByte(field, '\\') < 0 {
		for _, b := range field {
			if escapes[b] != 0 {
				return value{}, scratch, fmt.Errorf("the byte %#02x is not written as an escape", b)
			}
		}
		return value{data: field}, scratch, nil
	}
	for i := 0; i < len(field); i++ {
		b := field[i]
		if b == '\\' {
			if i++; i == len(field) || unescapes[field[i]] == 0 {
				return value{}, scratch, errors.New("it holds an escape that is not of this format")
			}
			b = unescapes[field[i]]
		} else if escapes[b] != 0 {
			return value{}, scratch, fmt.Errorf("the byte %#02x is not written as an escape", b)
		}
		scratch = append(scratch, b)
	}
	return value{data: scratch[begun:]}, scratch, nil
}
