package docx

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
	"time"
)

func day(d int) time.Time { return time.Date(2024, 5, d, 9, 30, 0, 0, time.UTC) }

// sample has one of everything.
func sample() *Document {
	english := &Change{Author: "Sample Editor", Date: day(2)}
	other := &Change{Author: "Second Sample Editor", Date: day(3)}
	return &Document{
		Title: "Sample summary of the Chair", Language: "en", Track: true,
		Properties: map[string]string{"document id": "som-2022/summary", "version": "7"},
		Header:     "Sample working group\tSAMPLE/2022/1",
		Footer:     "Not a real document\t{page}/{pages}",
		Comments: []Comment{
			{ID: 0, Author: "Sample Reader", Initials: "SR", Date: day(4), Text: "Which source?\nPlease add it."},
			{ID: 3, Author: "Sample Chair", Date: day(5), Text: "See the note.", Parent: 0, Reply: true, Resolved: true},
			{ID: 7, Author: "Sample Reader", Date: day(6), Text: "يرجى إضافة المصدر"},
		},
		Blocks: []Block{
			&Paragraph{Style: Title, Runs: []Run{{Text: "Sample summary of the Chair"}}},
			&Paragraph{Style: Subtitle, Runs: []Run{{Text: "Constructive dialogue on the smuggling of migrants, a sample"}}},
			&Paragraph{Style: Heading, Level: 1, Anchors: []string{"point-1"}, Runs: []Run{{Text: "Data and evidence"}}},
			&Paragraph{Anchors: []string{"som-2022/p1"}, Runs: []Run{
				{Text: "Speakers asked for "}, {Text: "data", Bold: true}, {Text: " and "}, {Text: "evidence", Italic: true},
				{Text: " on push factors", Comments: []int{0, 3}},
				{Footnote: &Footnote{Paragraphs: []*Paragraph{{Runs: []Run{{Text: "Sample source, "}, {Text: "page 4", Link: "https://sample.example/page?a=1&b=2"}, {Text: "."}}}}}},
				{Text: ". "}, {Text: "[12]", Anchors: []string{"citation-12"}}, {Text: " Programmes that exist should be evaluated with the same methods everywhere, so that their results can be compared and others can learn from them."},
			}},
			&Paragraph{Anchors: []string{"som-2022/p2"}, Runs: []Run{
				{Text: "The dialogue "}, {Text: "did not discuss", Deleted: english}, {Text: "discussed", Inserted: english}, {Text: " the role of carriers"},
				{Text: " and of banks", Inserted: english, Deleted: other}, {Text: "."},
			}},
			&Paragraph{Inserted: english, Runs: []Run{{Text: "This paragraph is new.", Inserted: english}}},
			&Paragraph{Deleted: other, Runs: []Run{{Text: "This paragraph goes.", Deleted: other}}},
			&Paragraph{Style: Heading, Level: 2, Runs: []Run{{Text: "Victims and witnesses"}}},
			&Paragraph{Style: ListItem, Level: 1, Numbered: true, List: 1, Runs: []Run{{Text: "First, protect people."}}},
			&Paragraph{Style: ListItem, Level: 2, Numbered: true, List: 1, Runs: []Run{{Text: "Those who report;"}}},
			&Paragraph{Style: ListItem, Level: 2, Numbered: true, List: 1, Runs: []Run{{Text: "their families, who are at risk just as much and are often forgotten when measures are planned."}}},
			&Paragraph{Style: ListItem, Level: 1, Numbered: true, List: 1, Runs: []Run{{Text: "Second, ask them."}}},
			&Paragraph{Style: ListItem, Level: 1, Runs: []Run{{Text: "A point without number"}}},
			&Paragraph{Style: ListItem, Level: 1, Numbered: true, List: 2, Runs: []Run{{Text: "Another list begins at one."}}},
			&Paragraph{Style: Quotation, Runs: []Run{{Text: "Nothing about us without us, as a sample of what is quoted at some length so that it takes a second line."}}},
			&Paragraph{Style: Heading, Level: 3, Runs: []Run{{Text: "Who spoke"}}},
			&Table{Caption: "Sample table", Widths: []int{4000, 2535, 2535}, Rows: []Row{
				{Header: true, Cells: []Cell{{Blocks: []Block{&Paragraph{Runs: []Run{{Text: "Stakeholders"}}}}}, {Blocks: []Block{&Paragraph{Runs: []Run{{Text: "Spoke"}}}}}, {Blocks: []Block{&Paragraph{Runs: []Run{{Text: "In writing"}}}}}}},
				{Cells: []Cell{{Blocks: []Block{&Paragraph{Anchors: []string{"cell-1"}, Runs: []Run{{Text: "Civil society"}}}}}, {Blocks: []Block{&Paragraph{Runs: []Run{{Text: "12"}}}}}, {Blocks: []Block{&Paragraph{Runs: []Run{{Text: "5"}}}}}}},
				{Inserted: english, Cells: []Cell{{Blocks: []Block{&Paragraph{Runs: []Run{{Text: "Academia", Inserted: english}}}}}, {Span: 2, Blocks: []Block{&Paragraph{Runs: []Run{{Text: "4 in all", Inserted: english}}}}}}},
			}},
			&Paragraph{Runs: []Run{{Text: "See "}, {Text: "the first point", Link: "#point-1"}, {Text: ".\nA second line\twith a tab. x < y & \"z\""}}},
			&Paragraph{Language: "ar", Anchors: []string{"ar-1"}, Runs: []Run{
				{Text: "طلب المتحدثون "}, {Text: "بيانات وأدلة", Bold: true}, {Text: " بشأن عوامل الدفع، وفقا لاتفاقية "},
				{Text: "UNTOC", Language: "en"}, {Text: " (٢٠٠٠)", Comments: []int{7}}, {Text: ".", Direction: RightToLeft},
				{Footnote: &Footnote{Paragraphs: []*Paragraph{{Language: "ar", Runs: []Run{{Text: "مصدر على سبيل المثال"}}}}}},
				{Text: " ويجب تقييم البرامج القائمة بالأساليب نفسها في كل مكان حتى يمكن مقارنة نتائجها."},
			}},
			&Paragraph{Language: "zh", Runs: []Run{{Text: "发言者要求提供数据和证据。"}, {Footnote: &Footnote{End: true, Paragraphs: []*Paragraph{{Runs: []Run{{Text: "An endnote."}}}}}}}},
			&Paragraph{Language: "fr", Runs: []Run{{Text: "Les orateurs ont demandé des données. "}, {Text: "The Chair agreed.", Language: "en"}}},
		},
	}
}

func written(t testing.TB, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, data []byte) *Document {
	t.Helper()
	d, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const testHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`

// testSpaces declares the prefixes that the tests use.
const testSpaces = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
	` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
	` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"` +
	` xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"` +
	` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
	` xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"` +
	` xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"`

// foreign makes a file of a body and other parts, as another program would:
// the relations of the document come from the names of the parts, and those
// given as "rels" are added to them.
func foreign(body string, parts map[string]string) []byte {
	all := map[string]string{"word/document.xml": testHead + "<w:document" + testSpaces + "><w:body>" + body + "</w:body></w:document>"}
	types := `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="` + typeDocument + `"/>`
	rels, top := parts["rels"], `<Relationship Id="rId1" Type="`+relPrefix+`officeDocument" Target="word/document.xml"/>`
	for _, name := range sortedKeys(parts) {
		root, ok := map[string]string{"styles": "styles", "numbering": "numbering", "settings": "settings", "footnotes": "footnotes", "endnotes": "endnotes", "comments": "comments", "header": "hdr", "footer": "ftr"}[name]
		switch {
		case ok:
			all["word/"+name+".xml"] = testHead + "<w:" + root + testSpaces + ">" + parts[name] + "</w:" + root + ">"
			rels += `<Relationship Id="` + name + `" Type="` + relPrefix + name + `" Target="` + name + `.xml"/>`
		case name == "extended":
			all["word/commentsExtended.xml"] = testHead + "<w15:commentsEx" + testSpaces + ">" + parts[name] + "</w15:commentsEx>"
			rels += `<Relationship Id="extended" Type="http://schemas.microsoft.com/office/2011/relationships/commentsExtended" Target="commentsExtended.xml"/>`
		case name == "types":
			types += parts[name]
		case name == "top":
			top += parts[name]
		case name != "rels":
			all[name] = parts[name]
		}
	}
	rel := func(list string) string {
		return testHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + list + `</Relationships>`
	}
	for name, text := range map[string]string{
		"_rels/.rels": rel(top), "word/_rels/document.xml.rels": rel(rels),
		"[Content_Types].xml": testHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` + types + `</Types>`,
	} {
		if _, ok := all[name]; !ok {
			all[name] = text
		}
	}
	var files []zipped
	for _, name := range sortedKeys(all) {
		files = append(files, zipped{name, all[name]})
	}
	return zipOf(files...)
}

type zipped struct{ name, text string }

func zipOf(files ...zipped) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = io.WriteString(w, f.text)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// unzipped gives a part of a file.
func unzipped(t testing.TB, data []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// p is a w:p with one run for each text.
func p(texts ...string) string {
	s := "<w:p>"
	for _, t := range texts {
		s += `<w:r><w:t xml:space="preserve">` + t + `</w:t></w:r>`
	}
	return s + "</w:p>"
}
