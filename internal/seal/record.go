package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Format is the name of the record format, docs/formats/sealed.md.
const Format = "rostrum-sealed/1"

// Limits of a record.
const (
	MaxRecord = 4 << 20 // bytes, with the padding
	MaxFields = 1000
	MaxLabel  = 2000 // characters
	maxID     = 128
	maxDepth  = 32   // of lists and objects in a value
	minRecord = 1024 // bytes, with the padding
)

// Record is a small set of answers and what they are part of. Its answers do not print.
type Record struct {
	Kind    string // what it is part of, such as application
	Org     string // the tenant
	Subject string // the opaque id of the thing it is part of
	Fields  []Field
}

// Field is one answer.
type Field struct {
	ID    string // unique in the record
	Label string // the question, for the person who opens; may be empty
	Value Secret
}

// envelope is the text of a record; format stands first.
type envelope struct {
	Format  string  `json:"format"`
	Kind    string  `json:"kind"`
	Org     string  `json:"org"`
	Subject string  `json:"subject"`
	Fields  []field `json:"fields"`
}

type field struct {
	ID    string          `json:"id"`
	Label string          `json:"label,omitempty"`
	Value json.RawMessage `json:"value"`
}

// Seal writes the record into a binary envelope, padded so that its size tells little. Errors wrap ErrRecord when
// the record breaks a rule of its format, and never hold an answer.
func Seal(r Record, to Recipients) ([]byte, error) {
	text, err := r.encode()
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return b.Bytes(), nil
}

// Open opens an envelope that holds a record. Errors wrap those of NewReader and ErrRecord. The caller compares
// Kind, Org and Subject with what it believes to have opened.
func Open(sealed []byte, with Identities) (Record, error) {
	in, err := NewReader(bytes.NewReader(sealed), with)
	if err != nil {
		return Record{}, err
	}
	return ReadRecord(in)
}

// recordHead is how every record begins.
const recordHead = `{"format":"` + Format

// IsRecord tells whether an opened file that begins with head is a record. 27 bytes are enough.
func IsRecord(head []byte) bool { return bytes.HasPrefix(head, []byte(recordHead)) }

// ReadRecord reads the text of a record, as NewReader gives it.
func ReadRecord(in io.Reader) (Record, error) {
	text, err := io.ReadAll(io.LimitReader(in, MaxRecord+1))
	if err != nil {
		return Record{}, err
	}
	if len(text) > MaxRecord {
		return Record{}, fmt.Errorf("%w: it is longer than %d MiB", ErrRecord, MaxRecord>>20)
	}
	if !IsRecord(text) {
		return Record{}, fmt.Errorf("%w: it does not begin as one", ErrRecord)
	}
	if !utf8.Valid(text) {
		return Record{}, fmt.Errorf("%w: it is not UTF-8", ErrRecord)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var e envelope
	if dec.Decode(&e) != nil { // its errors may repeat the text
		return Record{}, fmt.Errorf("%w: its text is not that of %s", ErrRecord, Format)
	}
	if len(bytes.Trim(text[dec.InputOffset():], " \t\r\n")) > 0 {
		return Record{}, fmt.Errorf("%w: something follows its end", ErrRecord)
	}
	if e.Format != Format {
		return Record{}, fmt.Errorf("%w of a version that this program reads", ErrRecord)
	}
	r := Record{Kind: e.Kind, Org: e.Org, Subject: e.Subject}
	for _, f := range e.Fields {
		value := string(f.Value)
		r.Fields = append(r.Fields, Field{f.ID, f.Label, Secret{&value}})
	}
	return r, r.check()
}

// encode gives the text of the record with its padding.
func (r Record) encode() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	e := envelope{Format, r.Kind, r.Org, r.Subject, nil}
	for _, f := range r.Fields {
		e.Fields = append(e.Fields, field{f.ID, f.Label, f.Value.Reveal()})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(e) != nil {
		return nil, fmt.Errorf("%w: an answer is not a JSON value", ErrRecord)
	}
	b.Truncate(b.Len() - 1) // the line break
	size := padded(b.Len())
	if size > MaxRecord {
		return nil, fmt.Errorf("%w: the answers are longer than %d MiB together", ErrRecord, MaxRecord>>20)
	}
	return append(b.Bytes(), bytes.Repeat([]byte(" "), size-b.Len())...), nil
}

// padded is the length of a record of n bytes with its padding: the next power of two, and not less than minRecord.
func padded(n int) int { return max(minRecord, 1<<bits.Len(uint(n-1))) }

// check holds the record to the rules of its format.
func (r Record) check() error {
	for _, id := range []struct{ what, id string }{{"kind", r.Kind}, {"org", r.Org}, {"subject", r.Subject}} {
		if !isID(id.id) {
			return fmt.Errorf("%w: its %s is not an id", ErrRecord, id.what)
		}
	}
	if len(r.Fields) == 0 || len(r.Fields) > MaxFields {
		return fmt.Errorf("%w: it has %d fields, not 1 to %d", ErrRecord, len(r.Fields), MaxFields)
	}
	seen := map[string]bool{}
	for n, f := range r.Fields {
		value := f.Value.Reveal()
		switch {
		case !isID(f.ID) || seen[f.ID]:
			return fmt.Errorf("%w: field %d has no id of its own", ErrRecord, n+1)
		case !utf8.ValidString(f.Label) || utf8.RuneCountInString(f.Label) > MaxLabel:
			return fmt.Errorf("%w: the label of field %d is longer than %d characters", ErrRecord, n+1, MaxLabel)
		case len(value) == 0 || string(value) == "null":
			return fmt.Errorf("%w: field %d has no value", ErrRecord, n+1)
		case depth(value) > maxDepth:
			return fmt.Errorf("%w: the value of field %d is nested too deeply", ErrRecord, n+1)
		}
		seen[f.ID] = true
	}
	return nil
}

// depth says how many lists and objects stand in one another.
func depth(value json.RawMessage) (deepest int) {
	dec, now := json.NewDecoder(bytes.NewReader(value)), 0
	for {
		switch t, err := dec.Token(); {
		case err != nil:
			return deepest
		case t == json.Delim('{') || t == json.Delim('['):
			now++
			deepest = max(deepest, now)
		case t == json.Delim('}') || t == json.Delim(']'):
			now--
		}
	}
}

func isID(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:/", c) >= 0) {
			return false
		}
	}
	return s != "" && len(s) <= maxID
}
