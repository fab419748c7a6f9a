package opinion

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

const header = "timestamp,datetime,comment-id,voter-id,vote\n"

func TestReadVotes(t *testing.T) {
	for name, file := range map[string]string{
		"as exported":     header + "1,x,7,3,1\n2,x,8,3,-1\n3,x,7,4,0\n",
		"other line ends": strings.ReplaceAll(header+"1,x,7,3,1\n2,x,8,3,-1\n3,x,7,4,0\n", "\n", "\r\n"),
		"byte order mark": "\ufeff" + header + "1,x,7,3,1\n2,x,8,3,-1\n3,x,7,4,0\n",
		"no last newline": header + "1,x,7,3,1\n2,x,8,3,-1\n3,x,7,4,0",
		"blank lines":     header + "\n1,x,7,3,1\n\r\n2,x,8,3,-1\n3,x,7,4,0\n\n",
		"quoted":          header + "1,\"a \"\"b\"\",\r\nc\",7,3,\"1\"\n2,x,\"8\",3,-1\r\n3,\"\",7,4,\"0\"\r\n",
		"semicolons":      "timestamp;comment-id;voter-id;vote\n1;7;3;1\n2;8;3;-1\n3;7;4;0\n",
		"tabs":            "timestamp\tcomment-id\tvoter-id\tvote\n1\t7\t3\t1\n2\t8\t3\t-1\n3\t7\t4\t0\n",
		"other order":     "vote,Voter_ID,statement id,note\n+1 ,3, 7,\n 0 ,4,7,y\n-1,3,8,\"z\"\n",
		"twice":           header + "1,x,7,3,1\n1,x,7,3,1\n2,x,8,3,-1\n3,x,7,4,0\n",
		"changed":         header + "5,x,7,3,1\n1,x,7,3,-1\n1,x,8,3,-1\n1,x,8,3,0\n1,x,8,3,-1\n3,x,7,4,0\n",
		"instants":        "timestamp,comment-id,voter-id,vote\n2022-07-01T10:00:00Z,7,3,1\n2022-07-01T11:59:59+02:00,7,3,0\n1,8,3,-1\n3,7,4,0\n",
	} {
		for kind, r := range map[string]io.Reader{"whole": strings.NewReader(file), "byte by byte": iotest.OneByteReader(strings.NewReader(file))} {
			c, err := ReadVotes("votes.csv", r)
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			got := votesOf(c)
			slices.SortFunc(got, func(a, b Vote) int {
				return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
			})
			var all []string
			for _, v := range got {
				all = append(all, fmt.Sprintf("%s %s %d", v.Participant, v.Statement, v.Value))
			}
			if want := []string{"3 7 1", "3 8 -1", "4 7 0"}; !slices.Equal(all, want) {
				t.Errorf("%s, %s: votes %q, want %q", name, kind, all, want)
			}
		}
	}
}

func TestReadVotesRefuses(t *testing.T) {
	for _, x := range []struct{ name, file, where, what, next string }{
		{"empty", "", "reading votes.csv:", "empty", "header"},
		{"only a mark", "\ufeff", "reading votes.csv:", "empty", "header"},
		{"workbook", "PK\x03\x04more", "reading votes.csv:", "workbook", "CSV"},
		{"UTF-16", "\xff\xfet\x00i\x00", "reading votes.csv:", "UTF-16", "UTF-8"},
		{"a page", "<!doctype html>\n<p>Sign in</p>\n", "row 1:", `no column "comment-id"`, "add the column"},
		{"missing column", "timestamp,comment-id,vote\n1,1,1\n", "row 1:", `no column "voter-id"`, "add the column"},
		{"missing votes", "timestamp,comment-id,voter-id\n1,1,1\n", "row 1:", `no column "vote"`, "add the column"},
		{"two columns", "comment-id,tid,voter-id,vote\n1,1,1,1\n", `column "tid"`, "mean the same", "keep one"},
		{"vote 2", header + "1,x,7,3,1\n2,x,8,3,2\n", `row 3, column "vote"`, `"2" is not a vote`, "use 1 for agree"},
		{"vote word", header + "1,x,7,3,agree\n", `row 2, column "vote"`, `"agree" is not a vote`, "use 1 for agree"},
		{"vote missing", header + "1,x,7,3,\n", `row 2, column "vote"`, `"" is not a vote`, "use 1 for agree"},
		{"vote as fraction", header + "1,x,7,3,0.5\n", `row 2, column "vote"`, `"0.5" is not a vote`, "use 1 for agree"},
		{"time", header + "yesterday,x,7,3,1\n", `row 2, column "timestamp"`, `"yesterday" is not a time`, "use a whole number"},
		{"time too large", header + "99999999999999999999,x,7,3,1\n", `row 2, column "timestamp"`, "is not a time", "use a whole number"},
		{"no voter", header + "1,x,7,,1\n", `row 2, column "voter-id"`, "empty", "identifier"},
		{"no statement", header + "1,x, ,3,1\n", `row 2, column "comment-id"`, "empty", "identifier"},
		{"control character", header + "1,x,7,3\x00,1\n", `row 2, column "voter-id"`, "control", "identifier"},
		{"broken UTF-8", header + "1,x,7,\xc3,1\n", `row 2, column "voter-id"`, "not UTF-8", "UTF-8"},
		{"broken header", "comment-id,voter-id,vote,\xc3\n", "row 1:", "not UTF-8", "UTF-8"},
		{"long identifier", header + "1,x,7," + strings.Repeat("9", 300) + ",1\n", `row 2, column "voter-id"`, "longer than 256", "identifier"},
		{"short row", header + "1,x,7,3,1\n1,x,7,3\n1,x,7,3,1\n", "row 3:", "4 fields, the header names 5", "as many fields"},
		{"long row", header + "1,x,y,7,3,1\n", "row 2:", "6 fields, the header names 5", "as many fields"},
		{"cut off", header + "1,x,7,3,1\n1,x,7", `row 3, column "voter-id"`, "3 fields", "cut off"},
		{"cut off in a vote", header + "1,x,7,3,1\n1,x,7,3,-", `row 3, column "vote"`, `"-" is not a vote`, "use 1"},
		{"cut off in a quotation", header + "1,x,7,3,1\n1,\"x,7,3,1\n1,x,7,3,1\n", `row 3, column "datetime"`, "never closed", "cut off"},
		{"after a quotation", header + "1,\"x\"y,7,3,1\n", "row 2", "follow the closing quotation mark", "double"},
		{"inside a field", header + "1,x\"y\",7,3,1\n", "row 2", "inside a field", "double"},
		{"no line ends", header + strings.Repeat("1,x,7,3,1\r", 200_000), "row 2", "longer than a megabyte", "line ends"},
	} {
		c, err := ReadVotes("votes.csv", strings.NewReader(x.file))
		var bad *InputError
		if !errors.As(err, &bad) || c != nil {
			t.Errorf("%s: %v; want an *InputError", x.name, err)
			continue
		}
		for _, part := range []string{x.where, x.what, x.next} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", x.name, err, part)
			}
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := ReadVotes("votes.csv", io.MultiReader(strings.NewReader(header+"1,x,7,3,1\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) || !strings.Contains(err.Error(), "after row 2") {
		t.Errorf("a broken disk gives %v", err)
	}
}

func TestReadComments(t *testing.T) {
	file := "\ufefftimestamp,comment-id,author-id,agrees,moderated,is-meta,comment-body\r\n" +
		"5,2,0,57,1,false,\"More \"\"light\"\",\nand air\"\r\n" +
		"6,3,,1,0,true,محطة\r\n" +
		",4,7,1,-1,,\r\n"
	got, err := ReadComments("comments.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []Statement{
		{ID: "2", Text: "More \"light\",\nand air", Moderation: Accepted, Author: "0", Time: 5},
		{ID: "3", Text: "محطة", Moderation: Pending, Meta: true, Time: 6},
		{ID: "4", Moderation: Rejected, Author: "7"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("statements %+v, want %+v", got, want)
	}
	for _, x := range []struct{ file, want string }{
		{"comment-body\nx\n", `row 1: there is no column "comment-id"`},
		{"comment-id,moderated\n1,2\n", `row 2, column "moderated": "2" is not a state`},
		{"comment-id,is-meta\n1,maybe\n", `row 2, column "is-meta": "maybe" is neither`},
		{"comment-id,text\n1,\xff\n", `row 2, column "text": the text is not UTF-8`},
		{"comment-id,text\n1,a\n2,b\n1,c\n", `row 4, column "comment-id": statement "1" stands in row 2 already`},
		{"comment-id,timestamp\n1,soon\n", `row 2, column "timestamp": "soon" is not a time`},
	} {
		if _, err := ReadComments("comments.csv", strings.NewReader(x.file)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%q gives %v, want %q", x.file, err, x.want)
		}
	}
}

func TestReadCategories(t *testing.T) {
	got, err := ReadCategories("people.csv", strings.NewReader("participant,category\n1,State\n2,NGO\n3,\n1,State\n"))
	if err != nil || fmt.Sprint(got) != "map[1:State 2:NGO 3:]" {
		t.Errorf("categories %v, %v", got, err)
	}
	if _, err := ReadCategories("people.csv", strings.NewReader("participant,category\n1,State\n1,NGO\n")); err == nil || !strings.Contains(err.Error(), "row 3") {
		t.Errorf("two categories of one participant: %v", err)
	}
}

// A file far larger than memory should be is read in little.
func TestReadVotesStreams(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c, err := ReadVotes("votes.csv", &endless{rows: 300_000, people: 100, statements: 10})
	if err != nil {
		t.Fatal(err)
	}
	if c.Participants() != 100 {
		t.Errorf("%d participants, want 100", c.Participants())
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("a conversation of a thousand votes takes %d bytes", grown)
	}
	runtime.KeepAlive(c)
}

// endless writes rows of votes, participant by participant in turn.
type endless struct {
	rows, people, statements int

	row, written int
	rest         []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if e.row == 0 {
		e.rest = []byte(header)
	}
	for len(e.rest) < len(p) && e.row < e.rows {
		i := e.row % e.people
		j := (e.row/e.people + int(mix(uint64(i))%1000)) * 7 % e.statements
		e.rest = strconv.AppendInt(e.rest, 1726860583813+int64(e.row), 10)
		e.rest = append(e.rest, ",Fri Sep 20 14:29:43 CDT 2024,"...)
		e.rest = strconv.AppendInt(e.rest, int64(j), 10)
		e.rest = append(e.rest, ',')
		e.rest = strconv.AppendInt(e.rest, int64(i), 10)
		e.rest = append(e.rest, ',')
		e.rest = strconv.AppendInt(e.rest, int64(mix(uint64(e.row))%3)-1, 10)
		e.rest = append(e.rest, '\n')
		e.row++
	}
	if len(e.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, e.rest)
	e.rest = append(e.rest[:0], e.rest[n:]...)
	e.written += n
	return n, nil
}

func FuzzReadVotes(f *testing.F) {
	f.Add([]byte(header + "1,x,7,3,1\n2,x,8,3,-1\n"))
	f.Add([]byte("\ufeffvote;tid;pid\r\n1;\"a\"\"b\";c\r\n"))
	f.Add([]byte("comment-id,voter-id,vote\n1,2,\"1\n"))
	f.Add([]byte("comment-id,voter-id,vote\n1,2"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadVotes("votes.csv", bytes.NewReader(b))
		slow, slowErr := ReadVotes("votes.csv", iotest.OneByteReader(bytes.NewReader(b)))
		if (err == nil) != (slowErr == nil) {
			t.Fatalf("whole: %v; byte by byte: %v", err, slowErr)
		}
		if err != nil {
			var bad *InputError
			if !errors.As(err, &bad) || c != nil {
				t.Fatalf("%T: %v", err, err)
			}
			if err.Error() != slowErr.Error() {
				t.Fatalf("whole: %v; byte by byte: %v", err, slowErr)
			}
			return
		}
		saved := asJSON(t, c)
		if !bytes.Equal(saved, asJSON(t, slow)) {
			t.Fatal("the size of the reads matters")
		}
		if c.Participants() < 40 && len(c.statements) < 40 {
			asJSON(t, mustMap(t, c, Options{Resamples: 2, Workers: 1}))
		}
	})
}

func FuzzReadComments(f *testing.F) {
	f.Add([]byte("timestamp,comment-id,author-id,moderated,is-meta,comment-body\n1,2,0,1,false,\"a\nb\"\n"))
	f.Add([]byte("tid\ttxt\n1\tx\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadComments("comments.csv", bytes.NewReader(b))
		if err != nil {
			var bad *InputError
			if !errors.As(err, &bad) || s != nil {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		c := &Conversation{}
		if err := c.Describe(s...); err != nil {
			t.Fatalf("read but not described: %v", err)
		}
		asJSON(t, c)
	})
}

// On what the standard reader accepts and this one does, both find the same
// fields.
func FuzzTable(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\r\n3\"\n"))
	f.Add([]byte("a\n\"x\"\"y\"\n\nz\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := newTable("t.csv", bytes.NewReader(b))
		if err != nil || table.separator != ',' || bytes.Contains(b, []byte("\r\r")) || bytes.HasPrefix(b, []byte("\ufeff")) {
			return
		}
		r := csv.NewReader(bytes.NewReader(b))
		r.FieldsPerRecord = -1
		if _, err := r.Read(); err != nil {
			return
		}
		for {
			err := table.next()
			want, wantErr := r.Read()
			if err == io.EOF && wantErr == io.EOF {
				return
			}
			if err != nil || wantErr != nil {
				return // each has its own ideas of what is broken
			}
			var got []string
			for i := range table.spans {
				// The standard reader turns line ends inside fields.
				got = append(got, strings.ReplaceAll(string(table.field(i)), "\r\n", "\n"))
			}
			if !slices.Equal(got, want) {
				t.Fatalf("fields %q, the standard reader finds %q", got, want)
			}
		}
	})
}
