package spreadsheet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Code names a kind of problem. Codes are stable: a page translates them.
type Code string

// The codes; docs/formats/spreadsheet.md, section 4.
const (
	EmptyFile       Code = "empty_file"
	FileTooLarge    Code = "file_too_large"
	UnpacksTooLarge Code = "unpacks_too_large"
	TooManySheets   Code = "too_many_sheets"
	TooManyRows     Code = "too_many_rows"
	TooManyColumns  Code = "too_many_columns"
	TooManyCells    Code = "too_many_cells"
	BrokenFile      Code = "broken_file"
	Macros          Code = "macros"
	Encrypted       Code = "encrypted"
	OldExcel        Code = "old_excel"
	BinaryWorkbook  Code = "binary_workbook"
	OpenDocument    Code = "opendocument"
	NotATable       Code = "not_a_table"
	NoSheet         Code = "no_sheet"

	ExternalLinks       Code = "external_links"
	ErrorCell           Code = "error_cell"
	FormulaWithoutValue Code = "formula_without_value"
	DateOutOfRange      Code = "date_out_of_range"
	CellTooLong         Code = "cell_too_long"
	MergedCells         Code = "merged_cells"
	NoHeader            Code = "no_header"
	EmptyHeader         Code = "empty_header"
	DuplicateHeader     Code = "duplicate_header"
	UnevenRow           Code = "uneven_row"
	StrayQuote          Code = "stray_quote"
	EncodingGuessed     Code = "encoding_guessed"
	TooManyProblems     Code = "too_many_problems"
)

// said is the English of a problem.
type said struct {
	code           Code
	sentence, next string
	refuses        bool
}

func sentences() []said {
	return []said{
		{EmptyFile, "The file is empty.", "Choose the file with the table.", true},
		{FileTooLarge, "The file is larger than {limit} MB.", "Remove pictures and sheets that are not needed, or split it.", true},
		{UnpacksTooLarge, "Unpacked, the file is larger than {limit} MB.", "Remove pictures and sheets that are not needed, or split it.", true},
		{TooManySheets, "The file has more than {limit} sheets.", "Keep the sheets with the table, and save it again.", true},
		{TooManyRows, "The file has more than {limit} rows.", "Split it into several files.", true},
		{TooManyColumns, "The sheet has more than {limit} columns.", "Delete the columns that are not needed, and save it again.", true},
		{TooManyCells, "The file has more than {limit} cells.", "Split it into several files.", true},
		{BrokenFile, "The file is damaged and cannot be read ({value}).", "Open it in a spreadsheet program, save it as a new .xlsx file, and use that one.", true},
		{Macros, "The file holds macros, which are programs, and is not opened.", "Save it as “Excel Workbook (.xlsx)”, without macros.", true},
		{Encrypted, "The file is protected with a password.", "Remove the password in your spreadsheet program, and save it again.", true},
		{OldExcel, "The file is in the format of old Excel (.xls) or of another old Office program.", "Save it as “Excel Workbook (.xlsx)”.", true},
		{BinaryWorkbook, "The file is a binary workbook (.xlsb).", "Save it as “Excel Workbook (.xlsx)”.", true},
		{OpenDocument, "The file is an OpenDocument file.", "Save it as “Excel 2007–365 (.xlsx)”.", true},
		{NotATable, "The file is neither a workbook nor a table in text.", "Save the table as .xlsx or .csv.", true},
		{NoSheet, "The workbook has no sheet with cells.", "Choose the file with the table.", true},

		{ExternalLinks, "The workbook refers to other files. They are not opened; the values that were saved with it are used.", "Check that the values are up to date.", false},
		{ErrorCell, "The cell holds the error {value}.", "Mend the formula, or write the value.", false},
		{FormulaWithoutValue, "The cell has a formula, and no value was saved with it.", "Open the file in a spreadsheet program, let it compute, and save it.", false},
		{DateOutOfRange, "The cell is formatted as a date, and {value} is no day.", "Write the date, such as 2026-11-23.", false},
		{CellTooLong, "The cell has {length} characters; only the first {limit} are read.", "Shorten the text.", false},
		{MergedCells, "Cells are merged: only the first one has the value.", "Unmerge them, and write the value into each.", false},
		{NoHeader, "No row names the columns.", "Write the names of the columns into the first row.", false},
		{EmptyHeader, "The column has values and no name.", "Write a name above it, or delete the column.", false},
		{DuplicateHeader, "The name “{value}” stands already at {first}.", "Give each column a name of its own.", false},
		{UnevenRow, "The row has {have} cells, the header {want}.", "Look for a delimiter or a quotation mark too many or too few.", false},
		{StrayQuote, "A quotation mark stands where none can be; it was taken as a character.", "Check the row. Cells with quotation marks are written as \"a \"\"b\"\" c\".", false},
		{EncodingGuessed, "The encoding is not said; {encoding} was assumed.", "Check the accents, or save the file as UTF-8.", false},
		{TooManyProblems, "There are {count} more problems.", "Mend these first.", false},
	}
}

// Codes lists the codes of all problems, sorted.
func Codes() []Code {
	var codes []Code
	for _, s := range sentences() {
		codes = append(codes, s.code)
	}
	slices.Sort(codes)
	return codes
}

// Problem is one thing that is wrong with a file. Sentence and Next are English; a page in another language writes
// its own from Code, Value and Args.
type Problem struct {
	Place    string            `json:"place,omitempty"` // Sheet1!C7; empty for the whole file
	Code     Code              `json:"code"`
	Value    string            `json:"value,omitempty"` // what stands there, cut to 80 characters and safe to print
	Args     map[string]string `json:"args,omitempty"`
	Sentence string            `json:"sentence"`
	Next     string            `json:"next"`
	Refuses  bool              `json:"refuses,omitempty"` // the file was not read
}

// Error gives one line: Sheet1!C7: what is wrong, and what to do.
func (p *Problem) Error() string {
	if p.Place == "" {
		return p.Sentence + " " + p.Next
	}
	return shown(p.Place) + ": " + p.Sentence + " " + p.Next
}

// newProblem makes a problem. Args are names and values in turn.
func newProblem(code Code, place, value string, args ...string) *Problem {
	p := &Problem{Place: place, Code: code, Value: shown(value)}
	pairs := []string{"{value}", p.Value}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = map[string]string{}
		}
		p.Args[args[i]] = shown(args[i+1])
		pairs = append(pairs, "{"+args[i]+"}", p.Args[args[i]])
	}
	fill := strings.NewReplacer(pairs...)
	for _, s := range sentences() {
		if s.code == code {
			p.Sentence, p.Next, p.Refuses = fill.Replace(s.sentence), fill.Replace(s.next), s.refuses
		}
	}
	return p
}

func broken(why string) *Problem { return newProblem(BrokenFile, "", why) }

// maxShown is how many characters of a value a problem repeats.
const maxShown = 80

// shown cuts a text of a stranger and takes out what does not print or turns the words around it.
func shown(s string) string {
	var b strings.Builder
	count := 0
	for _, c := range s {
		if count++; count > maxShown {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(c) || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' {
			c = unicode.ReplacementChar
		}
		b.WriteRune(c)
	}
	return b.String()
}

// problems holds at most a number of problems; the last one then says how many were left out.
type problems struct {
	list []Problem
	more int
}

func (ps *problems) add(limit int, p *Problem) {
	if len(ps.list) < limit {
		ps.list = append(ps.list, *p)
		return
	}
	if ps.more == 0 {
		ps.more = 1 // the one that gives up its place
	}
	ps.more++
	ps.list[limit-1] = *newProblem(TooManyProblems, "", "", "count", strconv.Itoa(ps.more))
}

func megabytes(n int64) string { return fmt.Sprint((n + 1<<20 - 1) >> 20) }
