package spreadsheet

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// office converts a file with LibreOffice and gives what it wrote.
func office(t *testing.T, name, text, kind string) []byte {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, name)
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", kind, "--outdir", dir, in)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, said)
	}
	ext, _, _ := strings.Cut(kind, ":")
	out, err := os.ReadFile(strings.TrimSuffix(in, filepath.Ext(in)) + "." + ext)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// flat is a flat OpenDocument spreadsheet.
const flat = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles>
<number:date-style style:name="N1"><number:day number:style="long"/><number:text>.</number:text><number:month number:style="long"/><number:text>.</number:text><number:year number:style="long"/></number:date-style>
<number:number-style style:name="N2"><number:number number:decimal-places="0" number:min-integer-digits="5"/></number:number-style>
<number:boolean-style style:name="N3"><number:boolean/></number:boolean-style>
<style:style style:name="truth" style:family="table-cell" style:data-style-name="N3"/>
<style:style style:name="date" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="zeros" style:family="table-cell" style:data-style-name="N2"/>
</office:automatic-styles>
<office:body><office:spreadsheet>
<table:table table:name="List of samples">
<table:table-row><table:table-cell office:value-type="string" table:number-columns-spanned="3"><text:p>Samples</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Group</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Born</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Code</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Twice</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>First</text:p></table:table-cell><table:table-cell table:style-name="date" office:value-type="date" office:date-value="1980-01-02"/><table:table-cell table:style-name="zeros" office:value-type="float" office:value="123"/><table:table-cell table:formula="of:=[.C3]*2"/></table:table-row>
<table:table-row table:visibility="collapse"><table:covered-table-cell/><table:table-cell office:value-type="string"><text:p>007</text:p></table:table-cell><table:table-cell table:style-name="truth" office:value-type="boolean" office:boolean-value="true"/><table:table-cell table:formula="of:=1/0"/></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>عينة</text:p><text:p>2</text:p></table:table-cell><table:table-cell table:style-name="date" office:value-type="date" office:date-value="2026-11-23"/><table:table-cell office:value-type="float" office:value="0.1"/><table:table-cell table:formula="of:=&quot;a&quot;&amp;&quot;b&quot;"/></table:table-row>
</table:table>
</office:spreadsheet></office:body></office:document>`

// TestOffice reads what LibreOffice makes of an OpenDocument spreadsheet and of a text, and has it read what we write.
func TestOffice(t *testing.T) {
	got := dump(read(t, "x", office(t, "samples.fods", flat, "xlsx")))
	const want = `sheet List of samples header 2
  above 1: t:Samples | -=m | -=m
  A "Group"
  B "Born"
  C "Code"
  D "Twice"
  3: t:First | d:1980-01-02 | n:00123 | n:246=f
  4: -=m | t:007 | b:true | e:#DIV/0!=f | hidden
  5: t:عينة
2 | d:2026-11-23 | n:0.1 | t:ab=f
error_cell: 'List of samples'!D4: The cell holds the error #DIV/0!. Mend the formula, or write the value.
merged_cells: 'List of samples'!A3:A4: Cells are merged: only the first one has the value. Unmerge them, and write the value into each.
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := refused(t, office(t, "samples.fods", flat, "xls"), Limits{}); got != OldExcel {
		t.Errorf("an .xls file: %q", got)
	}
	if got := refused(t, office(t, "samples.fods", flat, "ods"), Limits{}); got != OpenDocument {
		t.Errorf("an .ods file: %q", got)
	}
	shown := string(office(t, "ours.xlsx", string(written(t, sampleTable())), `csv:Text - txt - csv (StarCalc):44,34,76`))
	for _, want := range []string{"=1+1", "007", "1980-01-02", "2026-11-23 14:30:59", "23:59:59", "TRUE", "-12.5", "123456789012345", "'=x", "＝1"} {
		if !strings.Contains(shown, want) {
			t.Errorf("LibreOffice does not show %q:\n%s", want, shown)
		}
	}
}
