package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// text reads a table in text.
func (r *reader) text(name string, head []byte, in io.Reader) error {
	if looksOtherwise(head) {
		return newProblem(NotATable, "", "")
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	s := Sheet{Name: baseName(name)}
	text, encoding, guessed := decode(raw)
	if strings.Contains(text, "\x00") {
		return newProblem(NotATable, "", "")
	}
	if strings.TrimSpace(text) == "" {
		return newProblem(EmptyFile, "", "")
	}
	if !strings.Contains(text, "\n") {
		text = lineBreaks(text) // of an old Macintosh
	}
	if guessed {
		r.report(EncodingGuessed, place(s.Name, ""), "", "encoding", encoding)
	}
	delimiter, text, first := delimiter(text)
	r.book.Format, r.book.Encoding, r.book.Delimiter = "csv", encoding, delimiter
	widths := map[int]int{} // fields by row
	problems := r.problems
	err = records(text, delimiter, false, func(n, _ int, fields []string) error { return r.record(&s, first+n, fields, widths) })
	var parse *csv.ParseError
	if errors.As(err, &parse) { // once more, with stray quotation marks as characters
		s, r.rows, r.cells, r.problems = Sheet{Name: s.Name}, 0, 0, problems
		clear(widths)
		err = records(text, delimiter, true, func(n, line int, fields []string) error {
			if line == parse.StartLine {
				r.report(StrayQuote, s.Place(0, first+n), "")
			}
			return r.record(&s, first+n, fields, widths)
		})
		if errors.As(err, &parse) {
			err = broken("line " + strconv.Itoa(parse.Line))
		}
	}
	if err != nil {
		return err
	}
	r.name(&s, nil)
	if want := widths[s.Header]; s.Header > 0 {
		for _, row := range s.Rows {
			if have := widths[row.Number]; have != want {
				r.report(UnevenRow, place(s.Name, strconv.Itoa(row.Number)+":"+strconv.Itoa(row.Number)), "", "have", strconv.Itoa(have), "want", strconv.Itoa(want))
			}
		}
	}
	r.book.Sheets = []Sheet{s}
	return nil
}

// looksOtherwise tells whether a file begins as one of another kind that is text or has no zero bytes.
func looksOtherwise(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, magic := range []string{"%pdf", "{\\rtf", "<!doctype", "<html", "<?xml", "<?mso", "<table", "\x89png", "\xff\xd8\xff", "gif8", "\x1f\x8b"} {
		if len(head) >= len(magic) && strings.EqualFold(string(head[:len(magic)]), magic) {
			return true
		}
	}
	return false
}

// decode makes UTF-8 of a text and tells from which encoding, and whether that is a guess.
func decode(raw []byte) (text, name string, guessed bool) {
	from := func(e encoding.Encoding) string {
		out, _ := e.NewDecoder().Bytes(raw) // what cannot be decoded becomes U+FFFD
		return string(out)
	}
	little := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return from(little), "utf-16le", false
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return from(little), "utf-16be", false
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return strings.ToValidUTF8(string(raw[3:]), "\ufffd"), "utf-8", !utf8.Valid(raw)
	}
	even, odd := zeros(raw)
	switch {
	case odd > len(raw)/5 && even < odd/4:
		return from(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), "utf-16le", true
	case even > len(raw)/5 && odd < even/4:
		return from(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)), "utf-16be", true
	case utf8.Valid(raw):
		return string(raw), "utf-8", false
	}
	return from(charmap.Windows1252), "windows-1252", true
}

// zeros counts the zero bytes at even and odd places.
func zeros(raw []byte) (even, odd int) {
	for i, b := range raw {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	return even, odd
}

// delimiter finds what stands between the cells, and gives the text without a line that says it and the row that
// the text then begins with.
func delimiter(text string) (rune, string, int) {
	line, rest, _ := strings.Cut(text, "\n")
	if said, ok := strings.CutPrefix(strings.ToLower(strings.TrimSuffix(line, "\r")), "sep="); ok && len(said) == 1 && strings.Contains(",;\t|", said) {
		return rune(said[0]), rest, 2
	}
	sample := text[:min(len(text), 1<<16)]
	best, bestScore := ',', 0
	for _, d := range ",;\t|" {
		counts, total, header := map[int]int{}, 0, 0
		records(sample, d, true, func(n, _ int, fields []string) error {
			counts[len(fields)]++
			if total++; total == 1 {
				header = len(fields)
			} else if total == 200 {
				return io.EOF
			}
			return nil
		})
		score := 0
		for width, n := range counts {
			// Rows of one length speak for a delimiter, and the more the more cells they have; the first one above all.
			weight := n * 1000 / total * min(width-1, 20)
			if width != header {
				weight /= 4
			}
			score = max(score, weight)
		}
		if d == ',' && decimalCommas(sample) {
			score /= 8
		}
		if score > bestScore {
			best, bestScore = d, score
		}
	}
	return best, text, 1
}

// decimalCommas tells whether every comma of a text stands between two digits, as in 1,5.
func decimalCommas(text string) bool {
	digit := func(at int) bool { return at >= 0 && at < len(text) && text[at] >= '0' && text[at] <= '9' }
	for at := 0; ; at++ {
		next := strings.IndexByte(text[at:], ',')
		if next < 0 {
			return true
		}
		if at += next; !digit(at-1) || !digit(at+1) {
			return false
		}
	}
}

// records calls do with every record, its row, from 0, and the line it begins in; empty lines are rows.
func records(text string, delimiter rune, lazy bool, do func(row, line int, fields []string) error) error {
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.LazyQuotes, in.FieldsPerRecord, in.ReuseRecord = delimiter, lazy, -1, true
	for row := 0; ; row++ {
		before := in.InputOffset()
		fields, err := in.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for skipped := text[before:in.InputOffset()]; ; row++ {
			rest, empty := strings.CutPrefix(strings.TrimPrefix(skipped, "\r"), "\n")
			if !empty {
				break
			}
			skipped = rest
		}
		line, _ := in.FieldPos(0)
		if err := do(row, line, fields); err != nil {
			return err
		}
	}
}

// record keeps one row of a text.
func (r *reader) record(s *Sheet, number int, fields []string, widths map[int]int) error {
	if len(fields) > r.limits.Columns {
		return newProblem(TooManyColumns, s.Place(r.limits.Columns, number), "", "limit", strconv.Itoa(r.limits.Columns))
	}
	row := Row{Number: number, Cells: make([]Cell, len(fields))}
	for c, field := range fields {
		if field == "" {
			continue
		}
		text, guarded := unguard(lineBreaks(field))
		cell := Cell{Kind: Text, Text: r.cut(text, s.Place(c, number))}
		if !guarded {
			cell.Kind = kindOf(cell.Text)
		}
		row.Cells[c] = cell
	}
	before := len(s.Rows)
	if err := r.keep(s, row); err != nil {
		return err
	}
	if len(s.Rows) > before {
		widths[number] = len(fields)
	}
	return nil
}

// kindOf tells the kind of a cell by its text.
func kindOf(s string) Kind {
	switch {
	case s == "true" || s == "false": // TRUE stays text, so that no text is changed
		return Boolean
	case isDecimal(s):
		return Number
	case isISODate(s):
		return Date
	}
	return Text
}

// isDecimal tells whether a text is a number that loses nothing when it is read as one.
func isDecimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (whole == "0" || whole[0] != '0') && (!point || digits(fraction)) && len(whole)+len(fraction) <= 15
}

// dangerous tells whether spreadsheet programs may compute a cell of a text that begins so.
func dangerous(s string) bool {
	c, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "'"))
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", c) && strings.TrimLeft(s, "'") != ""
}

// guard writes a text so that no program computes it; unguard takes it back.
func guard(s string) string {
	if dangerous(s) {
		return "'" + s
	}
	return s
}

func unguard(s string) (text string, guarded bool) {
	if strings.HasPrefix(s, "'") && dangerous(s) {
		return s[1:], true
	}
	return s, false
}
