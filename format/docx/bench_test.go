package docx

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// report is a document of 80 points with 400 footnotes and 40,000 words.
func report() *Document {
	words := []string{"migrants", "States", "evidence", "protection", "the", "of", "smuggling", "victims", "a", "cooperation", "data", "measures", "to", "in"}
	n := uint32(1)
	text := func(count int) string {
		var b []byte
		for range count {
			n = n*1664525 + 1013904223
			b = append(append(b, words[n>>16%uint32(len(words))%uint32(len(words))]...), ' ')
		}
		return string(b)
	}
	d := &Document{Title: "Report", Language: "en", Properties: map[string]string{"version": "1"}}
	for i := range 80 {
		d.Blocks = append(d.Blocks, &Paragraph{Style: Heading, Level: 2, Anchors: []string{fmt.Sprint("point-", i)}, Runs: []Run{{Text: fmt.Sprint("Point ", i)}}})
		for j := range 5 {
			p := &Paragraph{Anchors: []string{fmt.Sprint("p-", i, "-", j)}}
			for k := range 4 {
				p.Runs = append(p.Runs, Run{Text: text(22), Bold: k == 2}, Run{Text: fmt.Sprint("[", k, "]"), Anchors: []string{fmt.Sprint("c-", i, "-", j, "-", k)}})
			}
			p.Runs = append(p.Runs, Run{Footnote: &Footnote{Paragraphs: []*Paragraph{{Runs: []Run{{Text: text(12)}, {Text: "source", Link: "https://sample.example/"}}}}}})
			d.Blocks = append(d.Blocks, p)
		}
	}
	return d
}

func BenchmarkWrite(b *testing.B) {
	d := report()
	for b.Loop() {
		if err := Write(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	data := written(b, report())
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Read(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadTemplate(b *testing.B) {
	data := letter()
	for b.Loop() {
		if _, err := ReadTemplate(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
