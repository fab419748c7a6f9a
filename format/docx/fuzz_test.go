package docx

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
)

// seeds are files of all kinds, among them some that are refused.
func seeds(f *testing.F) {
	var sampled bytes.Buffer
	if err := Write(&sampled, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(sampled.Bytes())
	f.Add(letter())
	f.Add(foreign(p("x"), map[string]string{"styles": testStyles, "numbering": testNumbering}))
	f.Add(compound("EncryptedPackage"))
	f.Add(zipOf(zipped{"[Content_Types].xml", "<Types/>"}))
}

// fuzzLimits keep a run of the fuzzer short.
func fuzzLimits() Limits {
	l := DefaultLimits()
	l.Unpacked, l.Part, l.Elements = 4<<20, 2<<20, 50_000
	return l
}

// refusedWell says whether an error is a problem with a code that is listed.
func refusedWell(t *testing.T, err error) {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) || sentences[p.Code] == "" {
		t.Fatalf("refused without a code: %v", err)
	}
}

// FuzzRead holds that whatever is read can be written and comes back.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := fuzzLimits().Read(bytes.NewReader(data))
		if err != nil {
			refusedWell(t, err)
			return
		}
		roundTrip(t, d)
	})
}

// FuzzBody is FuzzRead for the XML of the body, which a mutated zip seldom reaches.
func FuzzBody(f *testing.F) {
	f.Add(p("a") + mergeField("name", "x") + "<w:tbl>" + row(p("{{#x}}"), p("{{/x}}")) + "</w:tbl>")
	f.Add(`<w:sdt><w:sdtPr><w:tag w:val="p_a"/></w:sdtPr><w:sdtContent><w:p><w:bookmarkStart w:id="1" w:name="c_b"/><w:commentRangeStart w:id="0"/><w:ins w:author="x"><w:del><w:r><w:delText>a</w:delText><w:footnoteReference w:id="1"/></w:r></w:del></w:ins></w:p></w:sdtContent></w:sdt><w:p><w:bookmarkEnd w:id="1"/><w:commentRangeEnd w:id="0"/></w:p>`)
	f.Add(`<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p/></w:txbxContent></w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p><w:sectPr/>`)
	f.Fuzz(func(t *testing.T, body string) {
		data := foreign(body, map[string]string{
			"styles": testStyles, "numbering": testNumbering, "comments": `<w:comment w:id="0" w:author="x"><w:p/></w:comment>`,
			"footnotes": `<w:footnote w:id="1"><w:p><w:r><w:t>{{n}}</w:t></w:r></w:p></w:footnote>`,
		})
		d, err := fuzzLimits().Read(bytes.NewReader(data))
		if err != nil {
			refusedWell(t, err)
			return
		}
		roundTrip(t, d)
		fillAgain(t, data)
	})
}

// roundTrip writes what was read and reads it again.
func roundTrip(t *testing.T, d *Document) {
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		var p *Problem
		if errors.As(err, &p) && p.Code == BadTable { // tables within tables within tables
			return
		}
		t.Fatalf("what was read cannot be written: %v", err)
	}
	again, err := DefaultLimits().Read(&b)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v", err)
	}
	d.Notices, again.Notices = nil, nil
	for _, view := range []View{Original, Accepted, Marked} {
		if !reflect.DeepEqual(d.Text(view), again.Text(view)) {
			diff(t, dump(again.Text(view)), dump(d.Text(view)))
		}
	}
}

// fillAgain holds that a template that is read can be filled, and that what
// comes out can be read.
func fillAgain(t *testing.T, data []byte) {
	m, err := fuzzLimits().ReadTemplate(bytes.NewReader(data))
	if err != nil {
		refusedWell(t, err)
		return
	}
	v := letterValues()
	v.Lists["x"] = v.Lists["participants"]
	if len(m.Fields()) > 30 {
		_, err = m.Fill(io.Discard, v)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	var b bytes.Buffer
	if _, err := m.Fill(&b, v); err != nil {
		t.Fatal(err)
	}
	l := DefaultLimits()
	l.Ratio = 2000
	if _, err := l.Read(&b); err != nil {
		var p *Problem
		if errors.As(err, &p) && (p.Code == NotDOCX || p.Code == TooManyElements || p.Code == PartTooLarge || p.Code == UnpackedTooLarge) {
			return
		}
		t.Fatalf("what was filled cannot be read: %v", err)
	}
}

// FuzzFill reads anything as a template and fills it.
func FuzzFill(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) { fillAgain(t, data) })
}
