package dialogue_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"rostrum.example/format/dialogue"
	"rostrum.example/presets"
	"rostrum.example/records"
)

// The shipped record: what the first dialogue on smuggling held, and which
// later items the editors link to it.
func Example() {
	preset, err := presets.Read("untoc")
	if err != nil {
		log.Fatal(err)
	}
	files, err := records.Read(preset)
	if err != nil {
		log.Fatal(err)
	}
	const point = "som-2022/data-and-evidence"
	for _, f := range files {
		if f.ID == "som-2022" {
			item, _ := f.Item("data-and-evidence")
			fmt.Println(item.Text.In("en").Text)
		}
		for _, l := range f.Links {
			if l.TakesUp == point {
				fmt.Println(f.Date, l.Relation, l.Item)
			}
		}
	}
	// Output:
	// Collect data and evidence, on push factors among others, and make it possible to evaluate the programmes that exist.
	// 2023-10-09 evidence_for abused-and-neglected
	// 2024-07-15 asked_again indicators
	// 2024-07-15 taken_up what-drives-smuggling
}

// Everything that is wrong with a file is said at once, each with its place.
func ExampleRead() {
	preset, err := presets.Read("untoc")
	if err != nil {
		log.Fatal(err)
	}
	_, err = dialogue.Read(strings.NewReader(`{
  "format": "rostrum-dialogue/1", "id": "sample", "mechanism": "untoc", "languages": {"en": "editors"}, "quotable": false,
  "title": {"en": "A sample"}, "working_groups": ["firearm"], "number": {"value": 1, "basis": "read"}, "date": "2022-02-30",
  "sources": [{"id": "page", "title": "Sample", "publisher": "Sample", "url": "https://sample.example/", "read": "full", "kind": "primary"}]
}`), preset)
	var problems dialogue.Problems
	if errors.As(err, &problems) {
		fmt.Println(problems.In("sample.json"))
	}
	// Output:
	// sample.json:3:51 /working_groups/0: There is no working group with the id “firearm”. Did you mean “firearms”?
	// sample.json:3:112 /date: “2022-02-30” is not a date of the calendar. Write a day such as 2022-07-01 or a month such as 2024-07.
}
