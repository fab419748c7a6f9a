package dialogue_test

import (
	"strings"
	"testing"

	"rostrum.example/format/dialogue"
)

// small makes the file of a sample dialogue with notes and links. A link is
// written "item takes_up".
func small(t *testing.T, id, date string, notes []string, links ...string) *dialogue.File {
	t.Helper()
	f, err := dialogue.Read(strings.NewReader(sample(t)), untoc(t))
	if err != nil {
		t.Fatal(err)
	}
	f.ID, f.Date = id, dialogue.Date(date)
	note, link := f.Notes[0], f.Links[0]
	f.Counts, f.Points, f.Recommendations, f.Statements, f.Topics = nil, nil, nil, nil, nil
	f.Questions, f.TourDeTable, f.Notes, f.Links = nil, nil, nil, nil
	for _, n := range notes {
		note.ID = n
		f.Notes = append(f.Notes, note)
	}
	for _, l := range links {
		item, takesUp, ok := strings.Cut(l, " ")
		if !ok {
			t.Fatalf("bad link %q", l)
		}
		link.ID, link.Item, link.TakesUp = "link-"+item, item, takesUp
		f.Links = append(f.Links, link)
	}
	f.Path = "records/" + id + ".json"
	again, err := dialogue.Read(named{strings.NewReader(written(t, f)), f.Path}, untoc(t))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestCheck(t *testing.T) {
	type files = []*dialogue.File
	moved := small(t, "a-2023", "2023-01-01", nil)
	moved.Sources[0].URL = "https://sample.example/moved"
	byHand := small(t, "a-2023", "2023-01-01", []string{"x"}, "x a-2022/none")
	*byHand = dialogue.File{ID: byHand.ID, Date: byHand.Date, Notes: byHand.Notes, Links: byHand.Links, Sources: byHand.Sources}

	for _, c := range []struct {
		name  string
		files files
		want  []string
	}{
		{"nothing", nil, nil},
		{"a chain over three years", files{
			small(t, "a-2024", "2024-07", []string{"z"}, "z a-2023/y"),
			small(t, "a-2023", "2023-10-09", []string{"y"}, "y a-2022/x"),
			small(t, "a-2022", "2022-07-01", []string{"x"}),
		}, nil},
		{"the same dialogue in two files", files{
			small(t, "a-2022", "2022-07-01", nil), small(t, "a-2022", "2022-07-01", nil),
		}, []string{
			`records/a-2022.json:3:9 /id: The dialogue “a-2022” is in two files; the first one is records/a-2022.json. Keep one of the two.`,
		}},
		{"a target that is not there", files{
			small(t, "a-2023", "2023-10-09", []string{"y"}, "y a-2022/inclusoin"),
			small(t, "a-2022", "2022-07-01", []string{"inclusion"}),
		}, []string{
			`records/a-2023.json:69:19 /links/0/takes_up: There is no item “a-2022/inclusoin” in these files. Did you mean “a-2022/inclusion”?`,
		}},
		{"a target of the same day", files{
			small(t, "a-2022", "2022-07-01", []string{"y"}, "y b-2022/x"),
			small(t, "b-2022", "2022-07-01", []string{"x"}),
		}, []string{
			`records/a-2022.json:69:19 /links/0/takes_up: The link points to “b-2022/x” of 2022-07-01, and this dialogue is of 2022-07-01. Links go to an earlier dialogue: draw this one in the later file.`,
		}},
		{"a target within the same month", files{
			small(t, "a-2024", "2024-07-15", []string{"y"}, "y b-2024/x"),
			small(t, "b-2024", "2024-07", []string{"x"}),
		}, []string{
			`records/a-2024.json:69:19 /links/0/takes_up: The link points to “b-2024/x” of 2024-07, and this dialogue is of 2024-07-15. Links go to an earlier dialogue: draw this one in the later file.`,
		}},
		{"a circle of two", files{
			small(t, "a-2022", "2022-07-01", []string{"x"}, "x a-2023/y"),
			small(t, "a-2023", "2023-10-09", []string{"y"}, "y a-2022/x"),
		}, []string{
			`records/a-2022.json:69:19 /links/0/takes_up: The link points to “a-2023/y” of 2023-10-09, and this dialogue is of 2022-07-01. Links go to an earlier dialogue: draw this one in the later file.`,
			`records/a-2023.json:66:5 /links/0: The links run in a circle: a-2022/x -> a-2023/y -> a-2022/x. Take out the link that goes from an earlier to a later dialogue.`,
		}},
		{"a circle of three beside a chain", files{
			small(t, "a-2022", "2022-07-01", []string{"x", "alone"}, "x a-2024/z"),
			small(t, "a-2023", "2023-10-09", []string{"y", "w"}, "y a-2022/x", "w a-2022/alone"),
			small(t, "a-2024", "2024-07-15", []string{"z"}, "z a-2023/y"),
		}, []string{
			`records/a-2022.json:78:19 /links/0/takes_up: The link points to “a-2024/z” of 2024-07-15, and this dialogue is of 2022-07-01. Links go to an earlier dialogue: draw this one in the later file.`,
			`records/a-2023.json:75:5 /links/0: The links run in a circle: a-2022/x -> a-2024/z -> a-2023/y -> a-2022/x. Take out the link that goes from an earlier to a later dialogue.`,
		}},
		{"a source with two addresses", files{
			small(t, "a-2022", "2022-07-01", nil), moved,
		}, []string{
			`records/a-2023.json:59:14 /sources/0/url: The source “page” has the address https://sample.example/moved here and https://sample.example/page at records/a-2022.json:59:14 /sources/0/url. Give both the same address, or one of them another id.`,
		}},
		{"a file that was never read from JSON", files{byHand}, []string{
			`a-2023 /links/0/takes_up: There is no item “a-2022/none” in these files. Correct the reference, or add the file it points to.`,
		}},
	} {
		err := dialogue.Check(c.files)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if want := strings.Join(c.want, "\n"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, want)
		}
	}
}
