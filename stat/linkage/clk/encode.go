package clk

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/stat/linkage"
)

// Options say how to encode. The zero value encodes all columns but the record's
// id, salted and balanced, without noise.
type Options struct {
	ID     string   // column that identifies a record, written as it is; found if empty, else rows are numbered
	Ignore []string // columns left out
	Keep   []string // columns written as they are, such as a known truth in a test; never names or numbers of persons
	// Roles says what columns hold where their headers do not.
	Roles map[string]Role
	// Unsalted leaves the year of birth out of the hashes of names. Records whose
	// year is wrong in one list are then found more often, and the encodings are
	// easier to attack.
	Unsalted bool
	// Flip is the chance, under a half, with which each bit is drawn anew at random
	// before balancing. With noise, encode a list once: two encodings of one record
	// undo it.
	Flip float64
	// Random gives the noise; it should be crypto/rand.Reader. Needed if Flip is not 0.
	Random io.Reader
}

// Report says what was encoded.
type Report struct {
	Records int      `json:"records"`
	Fields  []string `json:"fields"`
	Blocks  int      `json:"blocking_keys"`
	Empty   int      `json:"empty"` // records without a single token
}

// Encode reads a table and writes its encodings as CSV: the id, columns to be
// kept, the encoding, and the blocking hashes b1, b2, ….
func Encode(ctx context.Context, in linkage.Source, key Key, opt Options, w io.Writer) (*Report, error) {
	if opt.Flip < 0 || opt.Flip >= 0.5 {
		return nil, fmt.Errorf("encoding records: a flip chance of %g is not below a half", opt.Flip)
	}
	if opt.Flip > 0 && opt.Random == nil {
		return nil, errors.New("encoding records: noise needs a source of randomness")
	}
	t, err := linkage.Read(ctx, in)
	if err != nil {
		return nil, err
	}
	if opt.ID == "" {
		opt.ID = t.ID()
	}
	columns, err := chosen(t, in.Name, opt)
	if err != nil {
		return nil, err
	}
	s, err := newScheme(columns, opt)
	if err != nil {
		return nil, err
	}
	e, err := newEncoder(s, key, opt)
	if err != nil {
		return nil, err
	}
	return e.write(ctx, t, w)
}

// chosen gives the columns to encode.
func chosen(t *linkage.Table, list string, opt Options) ([]string, error) {
	all := t.Columns()
	aside := slices.Concat(opt.Ignore, opt.Keep)
	if opt.ID != "" {
		aside = append(aside, opt.ID)
	}
	for _, name := range aside {
		if !slices.ContainsFunc(all, func(c string) bool { return strings.EqualFold(c, name) }) {
			return nil, &linkage.InputError{List: list, What: fmt.Sprintf("there is no column %q", name), Next: "the columns are " + strings.Join(all, ", ")}
		}
	}
	columns := slices.DeleteFunc(all, func(c string) bool {
		return slices.ContainsFunc(aside, func(name string) bool { return strings.EqualFold(c, name) })
	})
	if len(columns) == 0 {
		return nil, &linkage.InputError{List: list, What: "no column is left to encode", Next: "give a table with names, dates or places"}
	}
	return columns, nil
}

// encoder turns records into encodings.
type encoder struct {
	scheme *scheme
	opt    Options
	fields []hash.Hash
	blocks []hash.Hash
	order  [Bits]uint16 // keyed permutation of the balanced bits
	header string
	random *bufio.Reader

	positions map[token][]uint16
	digest    []byte
}

// token is a token of a field under a salt.
type token struct {
	field int
	salt  string
	text  string
}

// cached bounds the tokens whose positions are remembered.
const cached = 1 << 20

func newEncoder(s *scheme, key Key, opt Options) (*encoder, error) {
	e := &encoder{scheme: s, opt: opt, positions: map[token][]uint16{}}
	for _, f := range s.fields {
		h, err := key.derive("field/" + f.Label)
		if err != nil {
			return nil, err
		}
		e.fields = append(e.fields, h)
	}
	for _, b := range s.blocks {
		h, err := key.derive("block/" + b)
		if err != nil {
			return nil, err
		}
		e.blocks = append(e.blocks, h)
	}
	h, err := key.derive("order")
	if err != nil {
		return nil, err
	}
	e.permute(h)
	if h, err = key.derive("check"); err != nil {
		return nil, err
	}
	h.Write([]byte(s.describe()))
	e.header = s.header(h.Sum(nil))
	if opt.Random != nil {
		e.random = bufio.NewReader(opt.Random)
	}
	return e, nil
}

// permute shuffles (Fisher & Yates) with numbers from a keyed hash.
func (e *encoder) permute(h hash.Hash) {
	for i := range e.order {
		e.order[i] = uint16(i)
	}
	for i := Bits - 1; i > 0; i-- {
		h.Reset()
		h.Write(binary.LittleEndian.AppendUint32(nil, uint32(i)))
		j := binary.LittleEndian.Uint64(h.Sum(nil)) % uint64(i+1)
		e.order[i], e.order[j] = e.order[j], e.order[i]
	}
}

func (e *encoder) write(ctx context.Context, t *linkage.Table, w io.Writer) (*Report, error) {
	report := &Report{Records: t.Records(), Blocks: len(e.scheme.blocks)}
	for _, f := range e.scheme.fields {
		report.Fields = append(report.Fields, f.Label)
	}
	out := csv.NewWriter(w)
	id := e.opt.ID
	head := []string{id}
	if id == "" {
		head[0] = "id"
	}
	head = append(append(head, e.opt.Keep...), e.header)
	for i := range e.scheme.blocks {
		head = append(head, "b"+strconv.Itoa(i+1))
	}
	if err := out.Write(head); err != nil {
		return nil, fmt.Errorf("writing encodings: %w", err)
	}
	row := make([]string, 0, len(head))
	cells := make([]cell, len(e.scheme.fields))
	for r := range t.Records() {
		if r&0xfff == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("encoding records: %w", ctx.Err())
		}
		row = row[:0]
		if id == "" {
			row = append(row, strconv.Itoa(r+1))
		} else {
			row = append(row, t.Value(r, id))
		}
		for _, k := range e.opt.Keep {
			row = append(row, t.Value(r, k))
		}
		for i, f := range e.scheme.fields {
			cells[i] = newCell(t.Value(r, f.column), f.Kind)
		}
		code, any, err := e.encode(cells)
		if err != nil {
			return nil, err
		}
		if !any {
			// Without a token an encoding says only that nothing is known.
			report.Empty++
			row = append(row, "")
		} else {
			row = append(row, code.String())
		}
		for i := range e.scheme.blocks {
			row = append(row, e.block(i, cells))
		}
		if err := out.Write(row); err != nil {
			return nil, fmt.Errorf("writing encodings: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return nil, fmt.Errorf("writing encodings: %w", err)
	}
	return report, nil
}

// encode hashes all tokens into the first half, adds noise, appends the
// complement, and shuffles. any is false if there was no token.
func (e *encoder) encode(cells []cell) (Code, bool, error) {
	salt := ""
	if e.scheme.salted {
		for i, f := range e.scheme.fields {
			if f.Label == "birth" && cells[i].year != 0 {
				salt = strconv.Itoa(cells[i].year)
			}
		}
	}
	var plain [half]bool
	any := false
	for i, f := range e.scheme.fields {
		mine := ""
		if e.scheme.salts(f.Label) {
			mine = salt
		}
		for tokenText := range cells[i].tokens(f.Kind) {
			any = true
			for _, p := range e.place(token{i, mine, tokenText}, f.Hash) {
				plain[p] = true
			}
		}
	}
	if e.opt.Flip > 0 {
		if err := e.noise(&plain); err != nil {
			return Code{}, false, err
		}
	}
	var c Code
	for i, p := range e.order {
		on := false
		if p < half {
			on = plain[p]
		} else {
			on = !plain[p-half]
		}
		if on {
			c[i/64] |= 1 << (i % 64)
		}
	}
	return c, any, nil
}

// noise draws each bit anew with chance Flip: half of the draws change nothing.
func (e *encoder) noise(plain *[half]bool) error {
	limit := uint32(e.opt.Flip * (1 << 32))
	for i := range plain {
		var b [5]byte
		if _, err := io.ReadFull(e.random, b[:]); err != nil {
			return fmt.Errorf("drawing noise: %w", err)
		}
		if binary.LittleEndian.Uint32(b[:]) < limit {
			plain[i] = b[4]&1 == 1
		}
	}
	return nil
}

// place gives the positions of a token: independent draws of nine bits each from
// one keyed hash, not the double hashing whose patterns can be undone.
func (e *encoder) place(t token, n int) []uint16 {
	if p, ok := e.positions[t]; ok {
		return p
	}
	h := e.fields[t.field]
	h.Reset()
	h.Write([]byte(t.salt))
	h.Write([]byte{0})
	h.Write([]byte(t.text))
	e.digest = h.Sum(e.digest[:0])
	p := make([]uint16, n)
	for i := range p {
		p[i] = binary.LittleEndian.Uint16(e.digest[2*i:]) % half
	}
	if len(e.positions) == cached {
		clear(e.positions)
	}
	e.positions[t] = p
	return p
}

// block gives a blocking hash, "" if one of its parts is missing.
func (e *encoder) block(i int, cells []cell) string {
	h := e.blocks[i]
	h.Reset()
	for part := range strings.SplitSeq(e.scheme.blocks[i], "|") {
		at := slices.IndexFunc(e.scheme.fields, func(f fieldPlan) bool { return f.Label == partLabel(part) })
		text := ""
		if at >= 0 {
			text = cells[at].part(part)
		}
		if text == "" {
			return ""
		}
		h.Write([]byte(text))
		h.Write([]byte{0})
	}
	e.digest = h.Sum(e.digest[:0])
	return hex.EncodeToString(e.digest[:5])
}
