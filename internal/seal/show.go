package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Reveal gives the text of the record without its padding, to whoever may see it.
func (r Record) Reveal() ([]byte, error) {
	text, err := r.encode()
	return bytes.TrimRight(text, " "), err
}

// Show prints the record with its answers, for a person at a terminal.
func (r Record) Show(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s of %s\n", Visible(r.Kind), Visible(r.Subject), Visible(r.Org))
	for _, f := range r.Fields {
		label := f.Label
		if label == "" {
			label = f.ID
		}
		fmt.Fprintf(&b, "  %s\n", Visible(label))
		var v any
		dec := json.NewDecoder(bytes.NewReader(f.Value.Reveal()))
		dec.UseNumber()
		if dec.Decode(&v) != nil {
			return fmt.Errorf("%w: field %s has no value", ErrRecord, f.ID)
		}
		show(&b, v, "    ")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// show prints a value: texts line by line, the items of lists and objects one below the other.
func show(b *strings.Builder, v any, indent string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			show(b, item, indent)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(b, "%s%s\n", indent, Visible(name))
			show(b, v[name], indent+"  ")
		}
	default:
		for line := range strings.Lines(fmt.Sprint(v)) {
			fmt.Fprintf(b, "%s%s\n", indent, Visible(strings.TrimRight(line, "\r\n")))
		}
	}
}

// Visible writes control characters, and those that change the direction of writing, as escapes, so that a text by
// a stranger cannot steer the terminal that shows it.
func Visible(s string) string {
	var b strings.Builder
	for _, c := range s {
		if unicode.IsControl(c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c) || c == '\ufeff' || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}
