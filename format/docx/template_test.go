package docx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func template(t testing.TB, data []byte) *Template {
	t.Helper()
	m, err := ReadTemplate(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func filled(t testing.TB, m *Template, v Values) ([]byte, []Problem) {
	t.Helper()
	var b bytes.Buffer
	problems, err := m.Fill(&b, v)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), problems
}

// outline prints a body so that a test can compare it.
func outlineOf(blocks []Block) string {
	var b strings.Builder
	for i, block := range blocks {
		if i > 0 {
			b.WriteString(" | ")
		}
		switch block := block.(type) {
		case *Paragraph:
			for _, r := range block.Runs {
				text := strings.ReplaceAll(strings.ReplaceAll(r.Text, "\n", "⏎"), "\t", "⇥")
				if r.Bold {
					text = "*" + text + "*"
				}
				if r.Italic {
					text = "_" + text + "_"
				}
				if r.Footnote != nil {
					var inner []Block
					for _, p := range r.Footnote.Paragraphs {
						inner = append(inner, p)
					}
					text = "(" + outlineOf(inner) + ")"
				}
				b.WriteString(text)
			}
		case *Table:
			b.WriteString("[")
			for j, row := range block.Rows {
				if j > 0 {
					b.WriteString(" / ")
				}
				for k, cell := range row.Cells {
					if k > 0 {
						b.WriteString(", ")
					}
					b.WriteString(outlineOf(cell.Blocks))
				}
			}
			b.WriteString("]")
		}
	}
	return b.String()
}

func codes(problems []Problem) string {
	var list []string
	for _, p := range problems {
		s := string(p.Code) + " " + p.Value
		if p.Paragraph > 0 {
			s += fmt.Sprintf(" @%d", p.Paragraph)
		}
		if p.Count > 1 {
			s += fmt.Sprintf(" ×%d", p.Count)
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

func mergeField(name, shown string) string {
	return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> MERGEFIELD ` + name + ` \* MERGEFORMAT </w:instrText></w:r>` +
		`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>` + shown + `</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

func row(cells ...string) string {
	s := "<w:tr>"
	for _, c := range cells {
		s += "<w:tc>" + c + "</w:tc>"
	}
	return s + "</w:tr>"
}

func TestFill(t *testing.T) {
	people := []Values{{Text: map[string]string{"name": "Sample A", "state": "X"}}, {Text: map[string]string{"name": "Sample B", "state": "Y"}}}
	values := Values{
		Text: map[string]string{
			"name": "Nobody", "lines": "one\ntwo\tthree", "evil": `</w:t></w:r><w:p/>&amp;<!-- {{name}}` + "\x00", "empty": "", "city": "Vienna", "yes": "1",
			"اسم": "عينة",
		},
		Lists: map[string][]Values{
			"people": people, "none": nil,
			"groups": {{Text: map[string]string{"group": "G1"}, Lists: map[string][]Values{"people": people[:1]}}, {Text: map[string]string{"group": "G2"}}},
		},
	}
	tests := []struct {
		name, body, want string
		template, fill   string // problems
	}{
		{"one run", p("Dear {{name}}!"), "Dear Nobody!", "", ""},
		{"guillemets", p("Dear «name»!"), "Dear Nobody!", "", ""},
		{"several runs", `<w:p><w:r><w:t>Dear {</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{na</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:i/></w:rPr><w:t>me}}, hello</w:t></w:r></w:p>`, "Dear Nobody_, hello_", "", ""},
		{"formatting of the first run", `<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{{na</w:t></w:r><w:r><w:t>me}}.</w:t></w:r></w:p>`, "*Nobody*.", "", ""},
		{"two in one run", p("{{name}} of {{city}}, {{ name }}"), "Nobody of Vienna, Nobody", "", ""},
		{"lines", p("{{lines}}."), "one⏎two⇥three.", "", ""},
		{"no injection", p("{{evil}}"), "</w:t></w:r><w:p/>&amp;<!-- {{name}}\ufffd", "", ""},
		{"empty value", p("a{{empty}}b"), "ab", "", ""},
		{"Arabic name", p("{{اسم}}"), "عينة", "", ""},
		{"merge field", "<w:p>" + mergeField("name", "«name»") + "</w:p>", "*Nobody*", "", ""},
		{"merge field without result", `<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>MERGEFIELD "city"</w:instrText><w:fldChar w:fldCharType="end"/></w:r></w:p>`, "Vienna", "", ""},
		{"simple merge field", `<w:p><w:fldSimple w:instr=" MERGEFIELD city "><w:r><w:rPr><w:i/></w:rPr><w:t>«city»</w:t></w:r></w:fldSimple></w:p>`, "_Vienna_", "", ""},
		{"no value", p("Dear {{who}}, {{who}} «which»"), "Dear {{who}}, {{who}} «which»", "", "field_without_value who @1 ×2; field_without_value which @1"},
		{"quotation", p("la « Convention » et «son Protocole»"), "la « Convention » et «son Protocole»", "", ""},
		{"not a field", p("{{}} {{a&amp;b}} {{ open"), "{{}} {{a&b}} {{ open", "broken_field {{}} @1; broken_field {{a&b}} @1; broken_field {{ open @1", ""},
		{"over a tab", `<w:p><w:r><w:t>{{na</w:t><w:tab/><w:t>me}}</w:t></w:r></w:p>`, "{{na⇥me}}", "broken_field {{na me}} @1", ""},
		{"deleted text", `<w:p><w:del w:author="x"><w:r><w:delText>{{name}}</w:delText></w:r></w:del><w:r><w:t>{{city}}</w:t></w:r></w:p>`, "{{name}}Vienna", "", ""},

		{"words", p("All: {{#people}}{{name}} of {{state}}; {{/people}}end"), "All: Sample A of X; Sample B of Y; end", "", ""},
		{"words over runs", p("All: {{#peo", "ple}}{{name}}", "; {{/people}} end"), "All: Sample A; Sample B;  end", "", ""},
		{"words that repeat nothing", p("a{{#none}}x{{name}}{{/none}}b"), "ab", "", ""},
		{"paragraphs", p("List:") + p("{{#people}}") + p("{{name}}") + p("{{state}}") + p("{{/people}}") + p("End"), "List: | Sample A | X | Sample B | Y | End", "", ""},
		{"paragraphs with text", p("{{#people}}{{name}}") + p("{{state}}{{/people}}"), "Sample A | X | Sample B | Y", "", ""},
		{"paragraphs that repeat nothing", p("a") + p("{{#none}}") + p("x") + p("{{/none}}") + p("b"), "a | b", "", ""},
		{"paragraphs and a table", p("{{#people}}") + "<w:tbl>" + row(p("{{name}}"), p("{{state}}")) + "</w:tbl>" + p("-") + p("{{/people}}"), "[Sample A, X] | - | [Sample B, Y] | -", "", ""},
		{"rows", "<w:tbl>" + row(p("Name"), p("State")) + row(p("{{#people}}{{name}}"), p("{{state}}{{/people}}")) + "</w:tbl>", "[Name, State / Sample A, X / Sample B, Y]", "", ""},
		{"two rows", "<w:tbl>" + row(p("{{#people}}"), p("{{name}}")) + row(p("{{state}}"), p("{{/people}}")) + "</w:tbl>", "[, Sample A / X,  / , Sample B / Y, ]", "", ""},
		{"a table without rows goes", p("a") + "<w:tbl>" + row(p("{{#none}}{{name}}"), p("{{/none}}")) + "</w:tbl>" + p("b"), "a | b", "", ""},
		{"a cell keeps a paragraph", "<w:tbl>" + row(p("{{#none}}")+p("x")+p("{{/none}}"), p("y")) + "</w:tbl>", "[, y]", "", ""},
		{"within a cell", "<w:tbl>" + row(p("{{#people}}")+p("{{name}}")+p("{{/people}}"), p("y")) + "</w:tbl>", "[Sample A | Sample B, y]", "", ""},
		{"blocks in blocks", p("{{#groups}}") + p("{{group}}: {{#people}}{{name}} in {{city}} {{/people}}") + p("{{/groups}}"), "G1: Sample A in Vienna  | G2: Sample A in Vienna Sample B in Vienna ", "", ""},
		{"a text as condition", p("{{#yes}}shown{{/yes}}{{#empty}}hidden{{/empty}}"), "shown", "", ""},
		{"no list", p("a{{#what}}x{{/what}}"), "a", "", "block_without_list what @1"},
		{"not closed", p("{{#people}}a") + p("{{name}}"), "{{#people}}a | Nobody", "block_not_closed people @1", ""},
		{"not opened", p("a{{/people}}"), "a{{/people}}", "block_not_opened people @1", ""},
		{"crossed", p("{{#groups}}{{#people}}{{/groups}}{{/people}}"), "{{#people}}{{#people}}{{/people}}", "block_not_closed people @1; block_not_opened people @1", ""},
		{"misplaced", p("{{#people}}") + "<w:tbl>" + row(p("{{/people}}")) + "</w:tbl>", "{{#people}} | [{{/people}}]", "block_misplaced people @1 ×2", ""},

		{"a field that fetches", `<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDEAUTO c:\\cmd "/k calc"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>last {{name}}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>`, "last Nobody", `active_field DDEAUTO c:\\cmd "/k calc" @1`, ""},
		{"a simple field that fetches", `<w:p><w:fldSimple w:instr="INCLUDETEXT x"><w:r><w:t>last</w:t></w:r></w:fldSimple></w:p>`, "last", "active_field INCLUDETEXT x @1", ""},
		{"merge field in another", `<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>IF </w:instrText></w:r>` + mergeField("name", "«x»") + `<w:r><w:instrText> = 1</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>yes</w:t><w:fldChar w:fldCharType="end"/></w:r></w:p>`, "yes", `unsupported_field MERGEFIELD name \* MERGEFORMAT @1`, "field_without_value x @1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := template(t, foreign(test.body, nil))
			if got := codes(m.Notices); got != test.template {
				t.Errorf("template: %s\nwant %s", got, test.template)
			}
			data, problems := filled(t, m, values)
			var used []Problem
			for _, p := range problems {
				if p.Code != ValueWithoutField {
					used = append(used, p)
				}
			}
			if got := codes(used); got != test.fill {
				t.Errorf("fill: %s\nwant %s", got, test.fill)
			}
			if got := outlineOf(read(t, data).Blocks); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// letter is a unit's letter of two pages, with fields in all places.
func letter() []byte {
	text := strings.Repeat("The secretariat has the honour to inform you of the following matters, which will be taken up. ", 6)
	var body strings.Builder
	body.WriteString(p("{{date}}") + p("{{address}}") + p("Dear {{name}},") + `<w:p>` + mergeField("subject", "«subject»") + `</w:p>`)
	for range 8 {
		body.WriteString(`<w:p><w:pPr><w:jc w:val="both"/></w:pPr><w:r><w:rPr><w:sz w:val="22"/></w:rPr><w:t>` + text + `</w:t></w:r></w:p>`)
	}
	body.WriteString("<w:tbl>" + row(p("Name"), p("State")) + row(p("{{#participants}}{{name}}"), p("{{state}}{{/participants}}")) + "</w:tbl>")
	body.WriteString(`<w:p><w:r><w:t>Yours, «sender»</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>`)
	body.WriteString(`<w:sectPr><w:headerReference w:type="default" r:id="header"/><w:footerReference w:type="default" r:id="footer"/></w:sectPr>`)
	return foreign(body.String(), map[string]string{
		"header": p("Unit {{unit}}"), "footer": p("{{reference}}"),
		"footnotes": `<w:footnote w:id="2">` + p("Note of {{sender}}") + `</w:footnote>`,
		"styles":    `<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>`,
	})
}

func letterValues() Values {
	v := Values{
		Text:  map[string]string{"date": "1 July 2024", "address": "Sample street\nSample town", "name": "Sample", "subject": "Meeting", "sender": "Unit", "unit": "S", "reference": "S/1"},
		Lists: map[string][]Values{},
	}
	for i := range 10 {
		v.Lists["participants"] = append(v.Lists["participants"], Values{Text: map[string]string{"name": fmt.Sprint("Sample ", i), "state": "State"}})
	}
	return v
}

func TestFillLetter(t *testing.T) {
	m := template(t, letter())
	want := []Field{
		{"date", false, "", "word/document.xml", 1, 1}, {"address", false, "", "word/document.xml", 2, 1}, {"name", false, "", "word/document.xml", 3, 1},
		{"subject", false, "", "word/document.xml", 4, 1}, {"participants", true, "", "word/document.xml", 15, 1},
		{"name", false, "participants", "word/document.xml", 15, 1}, {"state", false, "participants", "word/document.xml", 16, 1},
		{"sender", false, "", "word/document.xml", 17, 2}, {"unit", false, "", "word/header.xml", 1, 1}, {"reference", false, "", "word/footer.xml", 1, 1},
	}
	got := m.Fields()
	byName := map[Field]bool{}
	for _, f := range got {
		byName[f] = true
	}
	for _, f := range want {
		if !byName[f] {
			t.Errorf("no %v in %v", f, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("fields %v", got)
	}
	v := letterValues()
	v.Text["nonsense"] = "x"
	data, problems := filled(t, m, v)
	if got := codes(problems); got != "value_without_field nonsense" {
		t.Errorf("problems %s", got)
	}
	d := read(t, data)
	if d.Header != "Unit S" || d.Footer != "S/1" {
		t.Errorf("header %q, footer %q", d.Header, d.Footer)
	}
	text := strings.Join(d.Text(Accepted), "\n")
	for _, want := range []string{"Sample street\nSample town", "Dear Sample,", "Meeting", "Sample 9", "Note of Unit"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	again, _ := filled(t, m, v)
	if !bytes.Equal(data, again) {
		t.Error("the same values give other bytes")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var b bytes.Buffer
			if _, err := m.Fill(&b, v); err != nil || !bytes.Equal(b.Bytes(), data) {
				t.Errorf("filled by many at a time: %v", err)
			}
		})
	}
	all.Wait()
}

// TestTemplateIsCleaned holds that nothing that leads outside, and nobody's
// name, goes into a filled letter, and that a .dotx becomes a document.
func TestTemplateIsCleaned(t *testing.T) {
	external := func(id, kind, target string) string {
		return `<Relationship Id="` + id + `" Type="` + relPrefix + kind + `" Target="` + target + `" TargetMode="External"/>`
	}
	rel := func(list string) string {
		return testHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + list + `</Relationships>`
	}
	body := p("{{name}}") +
		`<w:p><w:hyperlink r:id="bad"><w:r><w:t>share</w:t></w:r></w:hyperlink><w:hyperlink r:id="good"><w:r><w:t>page</w:t></w:r></w:hyperlink></w:p>` +
		`<w:p><w:r><w:drawing><wp:inline><a:blip r:embed="img" r:link="pic"/></wp:inline></w:drawing></w:r></w:p><w:altChunk r:id="chunk"/>`
	data := foreign(body, map[string]string{
		"rels":                         external("bad", "hyperlink", `file://host/share`) + external("good", "hyperlink", "https://sample.example/") + external("pic", "image", "http://tracker.example/x.png") + external("chunk", "aFChunk", "http://tracker.example/y"),
		"settings":                     `<w:attachedTemplate r:id="t"/><w:mailMerge><w:connectString w:val="x"/></w:mailMerge><w:defaultTabStop w:val="1"/>`,
		"word/_rels/settings.xml.rels": rel(external("t", "attachedTemplate", "http://tracker.example/t.dotm")),
		"top":                          `<Relationship Id="core" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>`,
		"docProps/core.xml":            `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Letter</dc:title><dc:creator>Sample Author</dc:creator><cp:lastModifiedBy>Sample Author</cp:lastModifiedBy></cp:coreProperties>`,
	})
	data = bytesReplaced(t, data, "[Content_Types].xml", typeDocument, typeTemplate)
	m := template(t, data)
	want := "external_reference http://tracker.example/t.dotm; external_reference http://tracker.example/x.png; external_reference http://tracker.example/y; bad_link file://host/share; external_reference mailMerge"
	got := strings.Split(codes(m.Notices), "; ")
	for _, w := range strings.Split(want, "; ") {
		if !strings.Contains(strings.Join(got, "\n"), w) {
			t.Errorf("no notice %s in %v", w, got)
		}
	}
	out, _ := filled(t, m, Values{Text: map[string]string{"name": "x"}})
	z := allParts(t, out)
	for name, text := range z {
		for _, leak := range []string{"tracker.example", "host/share", "Sample Author", "attachedTemplate", "mailMerge", "altChunk", "r:link", "template.main"} {
			if strings.Contains(text, leak) {
				t.Errorf("%s is in %s", leak, name)
			}
		}
	}
	if !strings.Contains(z["word/document.xml"], `<a:blip r:embed="img"/>`) || !strings.Contains(z["word/document.xml"], "share") || !strings.Contains(z["docProps/core.xml"], "Letter") {
		t.Errorf("too much is gone: %v", z)
	}
	d := read(t, out)
	if link := d.Blocks[1].(*Paragraph).Runs[1].Link; link != "https://sample.example/" {
		t.Errorf("link %q", link)
	}
	if len(d.Notices) != 1 || d.Notices[0].Code != Drawing && d.Notices[0].Code != Picture {
		t.Errorf("notices %v", d.Notices)
	}
}

func allParts(t testing.TB, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		parts[f.Name] = unzipped(t, data, f.Name)
	}
	return parts
}

// bytesReplaced changes a text within one part.
func bytesReplaced(t testing.TB, data []byte, part, from, to string) []byte {
	t.Helper()
	parts := allParts(t, data)
	if !strings.Contains(parts[part], from) {
		t.Fatalf("%s has no %s", part, from)
	}
	parts[part] = strings.ReplaceAll(parts[part], from, to)
	var files []zipped
	for _, name := range sortedKeys(parts) {
		files = append(files, zipped{name, parts[name]})
	}
	return zipOf(files...)
}

// TestFillKeepsTheRest holds that a template without fields comes out as it is.
func TestFillKeepsTheRest(t *testing.T) {
	data := written(t, sample())
	out, problems := filled(t, template(t, data), Values{})
	if len(problems) > 0 {
		t.Error(problems)
	}
	if got, want := read(t, out), read(t, data); !reflect.DeepEqual(got, want) {
		diff(t, dump(got), dump(want))
	}
}

func BenchmarkFill(b *testing.B) {
	m, v := template(b, letter()), letterValues()
	for b.Loop() {
		if _, err := m.Fill(io.Discard, v); err != nil {
			b.Fatal(err)
		}
	}
}
