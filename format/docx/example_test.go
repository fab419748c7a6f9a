package docx_test

import (
	"bytes"
	"fmt"
	"log"

	"rostrum.example/format/docx"
)

// A document goes out, is edited with tracked changes, and comes back.
func Example() {
	d := &docx.Document{
		Title: "Sample", Language: "en", Track: true,
		Properties: map[string]string{"document id": "sample-1", "version": "3"},
		Footer:     "Sample\t{page}/{pages}",
		Blocks: []docx.Block{
			&docx.Paragraph{Style: docx.Heading, Level: 1, Runs: []docx.Run{{Text: "Data and evidence"}}},
			&docx.Paragraph{Anchors: []string{"point-1"}, Runs: []docx.Run{
				{Text: "States "},
				{Text: "should", Deleted: &docx.Change{Author: "Sample reader"}},
				{Text: "shall", Inserted: &docx.Change{Author: "Sample reader"}},
				{Text: " collect data "},
				{Text: "[4]", Anchors: []string{"citation-4"}},
			}},
			&docx.Paragraph{Language: "ar", Runs: []docx.Run{{Text: "بيانات وأدلة"}}},
		},
	}
	var file bytes.Buffer
	if err := docx.Write(&file, d); err != nil {
		log.Fatal(err)
	}
	back, err := docx.Read(&file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(back.Properties["document id"], back.Properties["version"])
	for p := range back.Paragraphs() {
		fmt.Println(p.Anchors, p.Text(docx.Marked))
	}
	fmt.Println(back.Text(docx.Accepted)[1])
	// Output:
	// sample-1 3
	// [] Data and evidence
	// [point-1] States [-should-]{+shall+} collect data [4]
	// [] بيانات وأدلة
	// States shall collect data [4]
}

// A letter with fields is filled, and what is missing is said.
func ExampleTemplate_Fill() {
	var file bytes.Buffer
	err := docx.Write(&file, &docx.Document{Blocks: []docx.Block{
		&docx.Paragraph{Runs: []docx.Run{{Text: "Dear {{name}}, these take part:"}}},
		&docx.Paragraph{Runs: []docx.Run{{Text: "{{#participants}}"}}},
		&docx.Paragraph{Runs: []docx.Run{{Text: "{{name}} ({{organisation}})"}}},
		&docx.Paragraph{Runs: []docx.Run{{Text: "{{/participants}}"}}},
		&docx.Paragraph{Runs: []docx.Run{{Text: "«signature»"}}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	letter, err := docx.ReadTemplate(&file)
	if err != nil {
		log.Fatal(err)
	}
	var filled bytes.Buffer
	problems, err := letter.Fill(&filled, docx.Values{
		Text: map[string]string{"name": "Sample"},
		Lists: map[string][]docx.Values{"participants": {
			{Text: map[string]string{"name": "A", "organisation": "One"}},
			{Text: map[string]string{"name": "B", "organisation": "Two"}},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	text, err := docx.Text(&filled)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range text {
		fmt.Println(t)
	}
	for _, p := range problems {
		fmt.Println("!", p)
	}
	// Output:
	// Dear Sample, these take part:
	// A (One)
	// B (Two)
	// «signature»
	// ! word/document.xml, paragraph 5: There is no value for the field signature; it was left as it stands.
}
