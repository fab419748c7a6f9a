package linkage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// InputError says what is wrong with a table, where, and what to do next.
type InputError struct {
	List string // name of the list or file
	Line int    // first line concerned, from 1; 0 if the whole table is meant
	What string // what was found
	Next string // what the person can do
}

func (e *InputError) Error() string {
	where := e.List
	if e.Line > 0 {
		where = fmt.Sprintf("%s, line %d", e.List, e.Line)
	}
	if e.Next == "" {
		return fmt.Sprintf("reading %s: %s", where, e.What)
	}
	return fmt.Sprintf("reading %s: %s; %s", where, e.What, e.Next)
}

// maxField bounds one cell, maxColumns one row, so that a table that is not one
// is refused early.
const (
	maxField   = 1 << 20
	maxColumns = 4096
	maxSpan    = 1000 // lines a quoted cell may span
)

// rowReader streams the rows of a delimited table. It finds encoding (UTF-8,
// UTF-16 by its mark, single cells of Windows-1252) and separator (comma,
// semicolon, tab, bar) by itself. Cells are trimmed and valid until the next row.
type rowReader struct {
	name      string
	in        *bufio.Reader
	separator byte
	line      int    // lines read so far
	rowLine   int    // line on which the current row began
	long      []byte // a line longer than the buffer, or a row of several lines
	cell      []byte // unquoted text of the current row
	row       [][]byte
	ended     bool // the last line had no line end
}

func newRowReader(name string, r io.Reader) (*rowReader, error) {
	in := bufio.NewReaderSize(r, 1<<18)
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	switch {
	case len(head) == 0:
		return nil, &InputError{List: name, What: "the file is empty", Next: "give a table with a header row"}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, &InputError{List: name, What: "this is a workbook or an archive, not a CSV file", Next: "save the sheet as CSV"}
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		in = bufio.NewReaderSize(transform.NewReader(in, decoder), 1<<18)
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		in.Discard(3)
	}
	sample, err := in.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if bytes.IndexByte(sample, 0) >= 0 {
		return nil, &InputError{List: name, What: "the file holds zero bytes, so it is not a text table", Next: "save it as CSV in UTF-8"}
	}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		in = bufio.NewReaderSize(&carriageReader{r: in}, 1<<18)
		if sample, err = in.Peek(1 << 16); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return &rowReader{name: name, in: in, separator: findSeparator(sample)}, nil
}

// carriageReader turns the line ends of old files, a carriage return alone, into
// newlines.
type carriageReader struct{ r io.Reader }

func (c *carriageReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// findSeparator takes the sign that splits the first lines into the most equal
// numbers of cells, outside quotes; a comma if none does.
func findSeparator(sample []byte) byte {
	best, bestScore := byte(','), 0
	for _, sep := range []byte{',', ';', '\t', '|'} {
		header, agree, lines := 0, 0, 0
		rest := sample
		for lines < 20 && len(rest) > 0 {
			end, quoted, n := 0, false, 0
			for end < len(rest) && (quoted || rest[end] != '\n') {
				switch rest[end] {
				case '"':
					quoted = !quoted
				case sep:
					if !quoted {
						n++
					}
				}
				end++
			}
			if end == len(rest) && lines > 0 {
				break // perhaps cut by the sample's end
			}
			if lines == 0 {
				header = n
			} else if n == header {
				agree++
			}
			lines++
			rest = rest[min(end+1, len(rest)):]
		}
		if header == 0 {
			continue
		}
		if score := (agree+1)*1000 + min(header, 999); score > bestScore {
			best, bestScore = sep, score
		}
	}
	return best
}

// next gives the next row that is not blank. At the end it gives io.EOF.
func (r *rowReader) next() ([][]byte, error) {
	for {
		line, err := r.readLine()
		if err != nil {
			return nil, err
		}
		r.rowLine = r.line
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if bytes.IndexByte(line, '"') < 0 {
			return r.split(line)
		}
		return r.splitQuoted(line)
	}
}

func (r *rowReader) readLine() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(r.long) > maxField*4 {
				return nil, &InputError{List: r.name, Line: r.line + 1, What: fmt.Sprintf("the line is longer than %d MiB", maxField*4>>20), Next: "check that the file is a table with line ends"}
			}
			line, err = r.in.ReadSlice('\n')
			r.long = append(r.long, line...)
		}
		line = r.long
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("reading %s, line %d: %w", r.name, r.line+1, err)
	}
	r.line++
	r.ended = err != nil
	return bytes.TrimRight(line, "\r\n"), nil
}

func (r *rowReader) split(line []byte) ([][]byte, error) {
	r.row = r.row[:0]
	for {
		i := bytes.IndexByte(line, r.separator)
		cell := line
		if i >= 0 {
			cell = line[:i]
		}
		if err := r.add(cell); err != nil {
			return nil, err
		}
		if i < 0 {
			return r.row, nil
		}
		line = line[i+1:]
	}
}

func (r *rowReader) add(cell []byte) error {
	if len(cell) > maxField {
		return &InputError{List: r.name, Line: r.rowLine, What: "a cell is longer than 1 MiB", Next: "look for a quotation mark that is not closed"}
	}
	if len(r.row) == maxColumns {
		return &InputError{List: r.name, Line: r.rowLine, What: fmt.Sprintf("the row has more than %d cells", maxColumns), Next: "check the separator"}
	}
	cell = bytes.TrimSpace(cell)
	if !utf8.Valid(cell) {
		// One file often holds rows of several origins; a cell that is not
		// UTF-8 is taken for Windows-1252, which accepts every byte.
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(cell)
		if err != nil {
			return fmt.Errorf("reading %s, line %d: %w", r.name, r.rowLine, err)
		}
		cell = bytes.TrimSpace(decoded)
	}
	if bytes.IndexByte(cell, 0) >= 0 {
		return &InputError{List: r.name, Line: r.rowLine, What: "a cell holds a zero byte", Next: "save the table as CSV in UTF-8"}
	}
	r.row = append(r.row, cell)
	return nil
}

// splitQuoted parses a row with quotation marks, reading further lines while a
// quoted cell is open. A mark inside an unquoted cell stands for itself.
func (r *rowReader) splitQuoted(line []byte) ([][]byte, error) {
	r.row = r.row[:0]
	r.cell = r.cell[:0]
	opened := r.rowLine
	for {
		from := len(r.cell)
		rest := bytes.TrimLeft(line, " ")
		if len(rest) == 0 || rest[0] != '"' {
			i := bytes.IndexByte(line, r.separator)
			if i < 0 {
				r.cell = append(r.cell, line...)
				return r.row, r.addFrom(from)
			}
			r.cell = append(r.cell, line[:i]...)
			if err := r.addFrom(from); err != nil {
				return nil, err
			}
			line = line[i+1:]
			continue
		}
		line, opened = rest[1:], r.line
		for {
			i := bytes.IndexByte(line, '"')
			if i < 0 {
				r.cell = append(append(r.cell, line...), '\n')
				if len(r.cell)-from > maxField || r.line-opened > maxSpan {
					return nil, &InputError{List: r.name, Line: opened, What: "a quotation mark opened here is not closed", Next: "close it, or double marks that belong to the text"}
				}
				more, err := r.readLine()
				if errors.Is(err, io.EOF) {
					return nil, &InputError{List: r.name, Line: opened, What: "a quotation mark opened here is never closed: the file seems cut short", Next: "fetch or export the file again"}
				}
				if err != nil {
					return nil, err
				}
				line = more
				continue
			}
			r.cell = append(r.cell, line[:i]...)
			line = line[i+1:]
			if len(line) > 0 && line[0] == '"' {
				r.cell = append(r.cell, '"')
				line = line[1:]
				continue
			}
			break
		}
		i := bytes.IndexByte(line, r.separator)
		if i < 0 {
			r.cell = append(r.cell, line...)
			return r.row, r.addFrom(from)
		}
		r.cell = append(r.cell, line[:i]...)
		if err := r.addFrom(from); err != nil {
			return nil, err
		}
		line = line[i+1:]
	}
}

// addFrom adds the cell that stands at the end of r.cell. The slice keeps its
// bytes when r.cell later grows, because append copies and never overwrites them.
func (r *rowReader) addFrom(from int) error {
	return r.add(r.cell[from:len(r.cell):len(r.cell)])
}
