package docx

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

// testStyles are those of Word, LibreOffice and Google Docs, as they name them.
const testStyles = `<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault></w:docDefaults>` +
	`<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/><w:basedOn w:val="Standard"/><w:rPr><w:b/></w:rPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="mine"><w:name w:val="My Heading"/><w:basedOn w:val="berschrift1"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="outlined"><w:name w:val="Chapter"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Quotations"><w:name w:val="Quotations"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="ListNumber"><w:name w:val="List Number"/><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="ListParagraph"><w:name w:val="List Paragraph"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="loop1"><w:name w:val="loop1"/><w:basedOn w:val="loop2"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="loop2"><w:name w:val="loop2"/><w:basedOn w:val="loop1"/></w:style>` +
	`<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>` +
	`<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>`

const testNumbering = `<w:abstractNum w:abstractNumId="4"><w:nsid w:val="0"/><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>` +
	`<w:num w:numId="7"><w:abstractNumId w:val="4"/></w:num><w:num w:numId="9"><w:abstractNumId w:val="4"/><w:lvlOverride w:ilvl="1"><w:lvl w:ilvl="1"><w:numFmt w:val="lowerRoman"/></w:lvl></w:lvlOverride></w:num>`

func styled(id, text string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + id + `"/></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

func numbered(num, level, text string) string {
	return `<w:p><w:pPr><w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="` + num + `"/></w:numPr></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

// TestReadForeign reads what other programs write.
func TestReadForeign(t *testing.T) {
	at := time.Date(2024, 5, 2, 9, 30, 0, 0, time.UTC)
	word := &Change{Author: "A", Date: at}
	moved := &Change{Author: "A", Date: at, Moved: true}
	by := ` w:id="1" w:author="A" w:date="2024-05-02T09:30:00Z"`
	text := func(s string) []Run { return []Run{{Text: s}} }
	note := func(s string) *Footnote { return &Footnote{Paragraphs: []*Paragraph{{Runs: text(s)}}} }
	tests := []struct {
		name, body string
		parts      map[string]string
		want       []Block
		notices    string
	}{
		{"styles by name", styled("Titel", "a") + styled("berschrift1", "b") + styled("mine", "c") + styled("outlined", "d") + styled("Quotations", "e") + styled("loop1", "f") + styled("unknown", "g"), nil, []Block{
			&Paragraph{Style: Title, Runs: text("a")}, &Paragraph{Style: Heading, Level: 1, Runs: text("b")}, &Paragraph{Style: Heading, Level: 1, Runs: text("c")},
			&Paragraph{Style: Heading, Level: 3, Runs: text("d")}, &Paragraph{Style: Quotation, Runs: text("e")}, &Paragraph{Runs: text("f")}, &Paragraph{Runs: text("g")}}, ""},
		{"lists", styled("ListNumber", "a") + numbered("7", "1", "b") + numbered("9", "0", "c") + numbered("9", "1", "d") + numbered("0", "0", "e") + styled("ListParagraph", "f"), nil, []Block{
			&Paragraph{Style: ListItem, Level: 1, Numbered: true, List: 1, Runs: text("a")}, &Paragraph{Style: ListItem, Level: 2, Runs: text("b")},
			&Paragraph{Style: ListItem, Level: 1, Numbered: true, List: 2, Runs: text("c")}, &Paragraph{Style: ListItem, Level: 2, Numbered: true, List: 2, Runs: text("d")},
			&Paragraph{Runs: text("e")}, &Paragraph{Runs: text("f")}}, ""},
		{"letters", `<w:p><w:r><w:rPr><w:rStyle w:val="Strong"/></w:rPr><w:t>a</w:t></w:r><w:r><w:rPr><w:rStyle w:val="Strong"/><w:b w:val="0"/></w:rPr><w:t>b</w:t></w:r><w:r><w:rPr><w:i/><w:u w:val="single"/></w:rPr><w:t>c</w:t></w:r></w:p>`, nil, []Block{
			&Paragraph{Runs: []Run{{Text: "a", Bold: true}, {Text: "b"}, {Text: "c", Italic: true}}}}, ""},
		{"white space", "<w:p><w:r><w:t> a </w:t><w:t xml:space=\"preserve\"> b\nc </w:t><w:tab/><w:br/><w:cr/><w:noBreakHyphen/><w:softHyphen/><w:lastRenderedPageBreak/></w:r></w:p>", nil, []Block{&Paragraph{Runs: text("a b c \t\n\n\u2011\u00ad")}}, ""},
		{"Google's direction", `<w:p><w:pPr><w:bidi w:val="1"/></w:pPr><w:r><w:rPr><w:rtl w:val="1"/></w:rPr><w:t>مرحبا</w:t></w:r><w:r><w:rPr><w:rtl w:val="0"/></w:rPr><w:t>UN</w:t></w:r></w:p>`, nil, []Block{
			&Paragraph{Language: "ar-SA", Runs: []Run{{Text: "مرحبا"}, {Text: "UN", Language: "en-US"}}}}, ""},
		{"Chinese in an English style", p("中文") + p("abc"), nil, []Block{&Paragraph{Language: "zh-CN", Runs: text("中文")}, &Paragraph{Runs: text("abc")}}, ""},

		{"changes", `<w:p><w:pPr><w:rPr><w:ins` + by + `/></w:rPr></w:pPr><w:ins` + by + `><w:r><w:t>a</w:t></w:r><w:del` + by + `><w:r><w:delText>b</w:delText></w:r></w:del></w:ins><w:r><w:rPr><w:b/><w:rPrChange` + by + `><w:rPr/></w:rPrChange></w:rPr><w:t>c</w:t></w:r></w:p>`, nil, []Block{
			&Paragraph{Inserted: word, Runs: []Run{{Text: "a", Inserted: word}, {Text: "b", Inserted: word, Deleted: word}, {Text: "c", Bold: true}}}}, "format_change  @1"},
		{"moves", `<w:p><w:pPr><w:rPr><w:moveFrom` + by + `/></w:rPr></w:pPr><w:moveFromRangeStart w:id="3" w:name="m"/><w:moveFrom` + by + `><w:r><w:t>a</w:t></w:r></w:moveFrom><w:moveFromRangeEnd w:id="3"/></w:p><w:p><w:moveTo` + by + `><w:r><w:t>a</w:t></w:r></w:moveTo></w:p>`, nil, []Block{
			&Paragraph{Deleted: moved, Runs: []Run{{Text: "a", Deleted: moved}}}, &Paragraph{Runs: []Run{{Text: "a", Inserted: moved}}}}, ""},

		{"notes", `<w:p><w:r><w:t>a</w:t><w:footnoteReference w:id="2"/><w:t>b</w:t><w:footnoteReference w:id="2"/><w:endnoteReference w:id="5"/></w:r></w:p>`,
			map[string]string{"footnotes": `<w:footnote w:id="-1" w:type="separator"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> n</w:t></w:r></w:p></w:footnote>`}, []Block{
				&Paragraph{Runs: []Run{{Text: "a"}, {Footnote: note("n")}, {Text: "b"}}}}, "broken_reference footnoteReference 2 @1; broken_reference endnoteReference 5 @1"},
		{"comments", `<w:p><w:commentRangeStart w:id="4"/><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r><w:commentRangeEnd w:id="4"/><w:r><w:commentReference w:id="4"/></w:r><w:r><w:t>c</w:t><w:commentReference w:id="6"/></w:r></w:p>`,
			map[string]string{"comments": `<w:comment w:id="4" w:author="B" w:initials="b" w:date="2024-05-02T11:30:00+02:00"><w:p w14:paraId="AA"><w:r><w:annotationRef/></w:r><w:r><w:t>one</w:t></w:r></w:p><w:p w14:paraId="AB"><w:r><w:t>two</w:t></w:r></w:p></w:comment><w:comment w:id="6" w:author="C"><w:p w14:paraId="AC"><w:r><w:t>point</w:t></w:r></w:p></w:comment><w:comment w:id="8" w:author="D"><w:p/></w:comment>`,
				"extended": `<w15:commentEx w15:paraId="AB" w15:done="1"/><w15:commentEx w15:paraId="AC" w15:paraIdParent="AB" w15:done="0"/>`}, []Block{
				&Paragraph{Runs: []Run{{Text: "a", Comments: []int{4}}}}, &Paragraph{Runs: []Run{{Text: "b", Comments: []int{4}}, {Text: "c"}, {Comments: []int{6}}}}}, "comment_loose"},
		{"anchors of bookmarks", `<w:bookmarkStart w:id="0" w:name="p_one"/><w:p><w:bookmarkStart w:id="1" w:name="_GoBack"/><w:bookmarkEnd w:id="1"/><w:r><w:t>a</w:t></w:r></w:p><w:p><w:bookmarkEnd w:id="0"/><w:r><w:t>b</w:t></w:r><w:bookmarkStart w:id="2" w:name="c_x_2fy"/><w:r><w:t>c</w:t></w:r><w:bookmarkEnd w:id="2"/><w:bookmarkStart w:id="3" w:name="Mine"/><w:bookmarkEnd w:id="3"/></w:p>`, nil, []Block{
			&Paragraph{Anchors: []string{"one"}, Runs: text("a")}, &Paragraph{Runs: []Run{{Text: "b"}, {Text: "c", Anchors: []string{"x/y"}}}}}, "foreign_anchor Mine @2"},
		{"anchors of controls", `<w:sdt><w:sdtPr><w:tag w:val="p_one"/></w:sdtPr><w:sdtContent>` + p("a") + p("b") + `</w:sdtContent></w:sdt><w:p><w:sdt><w:sdtPr><w:tag w:val="c_two"/><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent></w:sdt><w:sdt><w:sdtPr><w:tag w:val="other"/></w:sdtPr><w:sdtContent><w:r><w:t>c</w:t></w:r></w:sdtContent></w:sdt></w:p>`, nil, []Block{
			&Paragraph{Anchors: []string{"one"}, Runs: text("a")}, &Paragraph{Anchors: []string{"one"}, Runs: text("b")}, &Paragraph{Runs: []Run{{Anchors: []string{"two"}}, {Text: "c"}}}}, "foreign_anchor other @3"},

		{"fields", `<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://a.example/x" \l "y" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>link</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:fldSimple w:instr=" DATE "><w:r><w:t>today</w:t></w:r></w:fldSimple></w:p>`, nil, []Block{
			&Paragraph{Runs: []Run{{Text: "link", Link: "https://a.example/x#y"}, {Text: "today"}}}}, ""},
		{"a field over paragraphs", `<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>TOC</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t><w:fldChar w:fldCharType="end"/><w:t>c</w:t></w:r></w:p>`, nil, []Block{&Paragraph{Runs: text("a")}, &Paragraph{Runs: text("bc")}}, ""},
		{"a field that fetches", `<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>INCLUDETEXT "x"</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>a</w:t><w:fldChar w:fldCharType="end"/></w:r></w:p>`, nil, []Block{&Paragraph{Runs: text("a")}}, `external_reference INCLUDETEXT "x" @1`},
		{"links", `<w:p><w:hyperlink r:id="l1"><w:r><w:t>a</w:t></w:r></w:hyperlink><w:hyperlink r:id="l2"><w:r><w:t>b</w:t></w:r></w:hyperlink><w:hyperlink w:anchor="p_one"><w:r><w:t>c</w:t></w:r></w:hyperlink><w:hyperlink w:anchor="_Toc1"><w:r><w:t>d</w:t></w:r></w:hyperlink></w:p>`,
			map[string]string{"rels": `<Relationship Id="l1" Type="` + relPrefix + `hyperlink" Target="https://a.example/" TargetMode="External"/><Relationship Id="l2" Type="` + relPrefix + `hyperlink" Target="file:///c:/x" TargetMode="External"/>`}, []Block{
				&Paragraph{Runs: []Run{{Text: "a", Link: "https://a.example/"}, {Text: "b"}, {Text: "c", Link: "#one"}, {Text: "d"}}}}, "bad_link file:///c:/x @1"},

		{"text box", `<w:p><w:r><w:t>a</w:t><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wps:txbx><w:txbxContent>` + p("box") + p("two") + `</w:txbxContent></wps:txbx></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>` + p("box") + `</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent><w:t>b</w:t></w:r></w:p>` + p("c"), nil, []Block{
			&Paragraph{Runs: text("ab")}, &Paragraph{Runs: text("box")}, &Paragraph{Runs: text("two")}, &Paragraph{Runs: text("c")}}, "text_box  @1"},
		{"what is left out", `<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="A map"/><pic:pic/></wp:inline></w:drawing><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object><w:sym w:font="Wingdings" w:char="F0FC"/></w:r><w:r><w:rPr><w:rStyle w:val="Secret"/></w:rPr><w:t>hidden</w:t></w:r><m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath><w:r><w:ruby><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p><w:altChunk r:id="x"/>`, nil, []Block{
			&Paragraph{Runs: []Run{{Text: "x=1"}, {Text: "漢", Language: "zh-CN"}}}}, "picture A map @1; embedded_object Excel.Sheet.12 @1; symbol Wingdings F0FC @1; hidden_text hidden @1; formula x=1 @1; ruby kan @1; embedded_object altChunk @1"},
		{"an unknown element", `<x:what xmlns:x="urn:x">` + p("a") + `</x:what>`, nil, []Block{&Paragraph{Runs: text("a")}}, "unknown_element x:what"},

		{"table", `<w:tbl><w:tblGrid><w:gridCol w:w="1000"/><w:gridCol w:w="3000"/></w:tblGrid><w:tr><w:trPr><w:tblHeader/><w:ins` + by + `/></w:trPr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>` + p("a") + `</w:tc></w:tr><w:sdt><w:sdtContent><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>` + p("b") + `</w:tc><w:sdt><w:sdtContent><w:tc><w:tcPr><w:cellDel` + by + `/></w:tcPr>` + p("c") + `</w:tc></w:sdtContent></w:sdt></w:tr></w:sdtContent></w:sdt></w:tbl>`, nil, []Block{
			&Table{Widths: []int{1000, 3000}, Rows: []Row{
				{Header: true, Inserted: word, Cells: []Cell{{Span: 2, Blocks: []Block{&Paragraph{Runs: text("a")}}}}},
				{Cells: []Cell{{Continues: true, Blocks: []Block{&Paragraph{Runs: text("b")}}}, {Blocks: []Block{&Paragraph{Runs: text("c")}}}}}}}}, "cell_change  @2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parts := map[string]string{"styles": testStyles, "numbering": testNumbering}
			for k, v := range test.parts {
				parts[k] = v
			}
			d := read(t, foreign(test.body+p("Words in English that say the language of the document, which is that of most letters."), parts))
			got := d.Blocks[:len(d.Blocks)-1]
			if !reflect.DeepEqual(got, test.want) {
				diff(t, dump(got), dump(test.want))
			}
			if got := strings.TrimSpace(codes(d.Notices)); got != test.notices {
				t.Errorf("notices %q, want %q", got, test.notices)
			}
			if len(d.Comments) > 0 {
				want := []Comment{{ID: 4, Author: "B", Initials: "b", Date: at, Text: "one\ntwo", Resolved: true}, {ID: 6, Author: "C", Text: "point", Reply: true, Parent: 4}, {ID: 8, Author: "D"}}
				if !reflect.DeepEqual(d.Comments, want) {
					diff(t, dump(d.Comments), dump(want))
				}
			}
			again := read(t, written(t, d))
			again.Notices, d.Notices = nil, nil
			for p := range d.Paragraphs() { // Write does not say that something was moved
				unmoved(p.Inserted, p.Deleted)
				for i := range p.Runs {
					unmoved(p.Runs[i].Inserted, p.Runs[i].Deleted)
				}
			}
			if !reflect.DeepEqual(again, d) {
				diff(t, dump(again), dump(d))
			}
		})
	}
}

func unmoved(changes ...*Change) {
	for _, c := range changes {
		if c != nil {
			c.Moved = false
		}
	}
}

// TestReadStrict reads the strict spelling of the standard, and UTF-16.
func TestReadStrict(t *testing.T) {
	data := foreign(p("Strict words"), nil)
	for from, to := range map[string]string{
		"http://schemas.openxmlformats.org/wordprocessingml/2006/main": "http://purl.oclc.org/ooxml/wordprocessingml/main",
	} {
		data = bytesReplaced(t, data, "word/document.xml", from, to)
	}
	if got := outlineOf(read(t, data).Blocks); got != "Strict words" {
		t.Errorf("got %q", got)
	}
	parts := allParts(t, data)
	wide := []byte("\xff\xfe")
	for _, c := range strings.ReplaceAll(parts["word/document.xml"], "UTF-8", "UTF-16") {
		wide = append(wide, byte(c), byte(c>>8))
	}
	parts["word/document.xml"] = string(wide)
	var files []zipped
	for _, name := range sortedKeys(parts) {
		files = append(files, zipped{name, parts[name]})
	}
	if got := outlineOf(read(t, zipOf(files...)).Blocks); got != "Strict words" {
		t.Errorf("got %q", got)
	}
}

func TestReadProperties(t *testing.T) {
	d := read(t, foreign(p("x")+`<w:sectPr><w:headerReference w:type="default" r:id="header"/><w:headerReference w:type="first" r:id="footer"/></w:sectPr>`, map[string]string{
		"header":              `<w:p><w:r><w:t>Page </w:t></w:r><w:r><w:t xml:space="preserve"> </w:t><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText><w:fldChar w:fldCharType="separate"/><w:t>7</w:t><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>/</w:t></w:r><w:fldSimple w:instr="NUMPAGES"><w:r><w:t>9</w:t></w:r></w:fldSimple></w:p>`,
		"footer":              p("first page only"),
		"settings":            `<w:trackRevisions/>`,
		"top":                 `<Relationship Id="c" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="d" Type="` + relPrefix + `custom-properties" Target="/docProps/custom.xml"/>`,
		"docProps/core.xml":   `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title><dc:creator>Sample Author</dc:creator><dc:language>fr</dc:language></cp:coreProperties>`,
		"docProps/custom.xml": `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="urn:vt"><property name="version"><vt:i4>7</vt:i4></property></Properties>`,
	}))
	if d.Title != "T" || d.Language != "fr" || d.Properties["version"] != "7" || d.Header != "Page {page}/{pages}" || !d.Track || strings.Contains(dump(d), "Author\": \"S") {
		t.Error(dump(d))
	}
	if got := codes(d.Notices); got != "other_header first page only" {
		t.Errorf("notices %q", got)
	}
}

func TestText(t *testing.T) {
	got, err := Text(bytes.NewReader(written(t, sample())))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"data and evidence on push factors. [12]", "The dialogue discussed the role of carriers.", "Civil society\n12\n5\nAcademia", "طلب المتحدثون بيانات وأدلة", "Sample source, page 4."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "goes") || strings.Contains(text, "banks") {
		t.Errorf("deleted words in\n%s", text)
	}
}
