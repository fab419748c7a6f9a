package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// dumpReader reads a dump line by line and checks its counts and digests on the way. What it has given is
// true only when next has answered io.EOF.
type dumpReader struct {
	r       *bufio.Reader
	outside hash.Hash
	inside  hash.Hash
	tables  map[string]bool
	table   table // the one whose rows are being read
	rows    int64
	long    []byte // a line that is longer than the reader's buffer
	scratch []byte
	values  []value
}

var (
	errCut      = errors.New("it ends too early: it was cut off, or is still being written")
	tableLine   = regexp.MustCompile(`^table [a-z][a-z0-9_]*( [a-z][a-z0-9_]*:(integer|text|bytes))+$`)
	schemaLine  = regexp.MustCompile(`^schema (0|[1-9][0-9]*)$`)
	rowsLine    = regexp.MustCompile(`^rows (0|[1-9][0-9]*) sha256 ([0-9a-f]{64})$`)
	endLine     = regexp.MustCompile(`^end (0|[1-9][0-9]*) sha256 ([0-9a-f]{64})$`)
	endOfRows   = []byte(`\.`)
	dumpAnyLine = regexp.MustCompile(`^rostrum-dump [0-9]+$`)
)

// maxHeading bounds the lines outside the rows.
const maxHeading = 1 << 16

func newDumpReader(r io.Reader) *dumpReader {
	return &dumpReader{r: bufio.NewReaderSize(r, 1<<18), outside: sha256.New(), inside: sha256.New(), tables: map[string]bool{}}
}

// header reads the first two lines and gives the schema version.
func (d *dumpReader) header() (version int, err error) {
	first, err := d.line(maxHeading)
	switch {
	case errors.Is(err, errCut) && len(first) == 0:
		return 0, errors.New("it is empty")
	case err == nil && string(first) != dumpMagic && dumpAnyLine.Match(first):
		return 0, fmt.Errorf("it is of a later format (%s) than this program reads (%s); use the newer program", first, dumpMagic)
	case err != nil || string(first) != dumpMagic:
		return 0, fmt.Errorf("it is not a dump: it does not begin with %q", dumpMagic)
	}
	d.note(d.outside, first)
	second, err := d.line(maxHeading)
	if err != nil {
		return 0, err
	}
	parts := schemaLine.FindSubmatch(second)
	if parts == nil {
		return 0, errors.New("its second line does not name the schema")
	}
	d.note(d.outside, second)
	n, err := strconv.ParseInt(string(parts[1]), 10, 32)
	if err != nil {
		return 0, errors.New("its second line does not name the schema")
	}
	return int(n), nil
}

// next gives the next table without its key, or io.EOF when the whole dump has been read and is sound.
func (d *dumpReader) next() (table, error) {
	line, err := d.line(maxHeading)
	if err != nil {
		return table{}, err
	}
	if parts := endLine.FindSubmatch(line); parts != nil {
		if string(parts[1]) != strconv.Itoa(len(d.tables)) || !sums(d.outside, parts[2]) {
			return table{}, errors.New("its last line does not agree with what stands before it: it was changed or damaged")
		}
		if _, err := d.r.ReadByte(); err == nil {
			return table{}, errors.New("something follows its last line")
		} else if !errors.Is(err, io.EOF) {
			return table{}, err
		}
		return table{}, io.EOF
	}
	if !tableLine.Match(line) {
		return table{}, errors.New("there is no table where one should begin: it was changed or damaged")
	}
	d.inside.Reset()
	d.note(d.inside, line)
	words := strings.Fields(string(line))
	t := table{name: words[1]}
	if d.tables[t.name] {
		return table{}, fmt.Errorf("table %s appears twice", t.name)
	}
	d.tables[t.name] = true
	seen := map[string]bool{}
	for _, word := range words[2:] {
		name, of, _ := strings.Cut(word, ":")
		if seen[name] {
			return table{}, fmt.Errorf("table %s: column %s appears twice", t.name, name)
		}
		seen[name] = true
		t.columns = append(t.columns, column{name: name, kind: kind(of)})
	}
	d.table, d.rows = t, 0
	d.values = make([]value, len(t.columns))
	return t, nil
}

// row gives the next row as its line without the line feed and as its values, both valid until the next call,
// or io.EOF after the last one, when the table's count and digest have been found right.
func (d *dumpReader) row() ([]byte, []value, error) {
	line, err := d.line(maxRow)
	if err != nil {
		return nil, nil, fmt.Errorf("table %s, row %d: %w", d.table.name, d.rows+1, err)
	}
	d.note(d.inside, line)
	if !bytes.Equal(line, endOfRows) {
		d.rows++
		d.scratch, err = parseRow(line, d.table.columns, d.values, d.scratch)
		if err != nil {
			return nil, nil, fmt.Errorf("table %s, row %d: %w", d.table.name, d.rows, err)
		}
		return line, d.values, nil
	}
	line, err = d.line(maxHeading)
	if err != nil {
		return nil, nil, fmt.Errorf("table %s: %w", d.table.name, err)
	}
	parts := rowsLine.FindSubmatch(line)
	if parts == nil || string(parts[1]) != strconv.FormatInt(d.rows, 10) || !sums(d.inside, parts[2]) {
		return nil, nil, fmt.Errorf("table %s: its rows do not agree with their count and digest: it was changed or damaged", d.table.name)
	}
	d.note(d.outside, line)
	return nil, nil, io.EOF
}

// line reads to the next line feed and leaves it out. With errCut it gives what there is.
func (d *dumpReader) line(limit int) ([]byte, error) {
	part, err := d.r.ReadSlice('\n')
	if err == nil && len(part) <= limit {
		return part[:len(part)-1], nil
	}
	d.long = d.long[:0]
	for {
		if len(d.long)+len(part) > limit {
			return nil, fmt.Errorf("a line is longer than %d bytes: it was changed or damaged", limit)
		}
		d.long = append(d.long, part...)
		switch {
		case err == nil:
			return d.long[:len(d.long)-1], nil
		case errors.Is(err, io.EOF):
			return d.long, errCut
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
		part, err = d.r.ReadSlice('\n')
	}
}

func (d *dumpReader) note(sum hash.Hash, line []byte) {
	sum.Write(line)
	sum.Write([]byte{'\n'})
}

func sums(sum hash.Hash, digits []byte) bool {
	return hex.EncodeToString(sum.Sum(nil)) == string(digits)
}
