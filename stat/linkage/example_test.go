package linkage_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"rostrum.example/stat/linkage"
)

// Two sample lists of invented persons. No column is described: names, dates and
// places are recognised, and each person stands once in each list.
func ExampleLink() {
	ctx := context.Background()
	shelter := `id,first name,surname,born,town
S1,Amina,Haddad,1991-04-17,Sfax
S2,Yusuf,Mansour,1988-11-02,Tunis
S3,Lena,Okafor,2001-06-30,Benin City
S4,Marko,Petrovic,1979-01-25,Novi Sad
S5,Rosa,Quispe,1995-09-12,Puno
S6,Tomas,Varga,1984-03-08,Miskolc
`
	hotline := `id,first name,surname,born,town
H1,Youssef,Mansour,02/11/1988,Tunis
H2,Rosa,Quispe,12/09/1995,Puno
H3,Amina,Hadad,17/04/1991,Sfax
H4,Ivo,Kral,30/07/1970,Brno
H5,Petrović,Marko,25/01/1979,Novi Sad
H6,Sara,Lindqvist,14/05/1999,Malmo
`
	table, err := linkage.Read(ctx,
		linkage.Source{Name: "shelter", Reader: strings.NewReader(shelter)},
		linkage.Source{Name: "hotline", Reader: strings.NewReader(hotline)})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, _, err := linkage.Link(ctx, table, linkage.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Records, "records,", res.Persons, "persons")
	var pairs []string
	res.Each(func(p linkage.Pair) error {
		if p.Linked {
			pairs = append(pairs, p.A.ID+" "+p.B.ID)
		}
		return nil
	})
	fmt.Println(len(pairs), "pairs")
	// Output:
	// 12 records, 8 persons
	// 4 pairs
}

// What is wrong with a file is said with its place and what to do next.
func ExampleRead() {
	_, err := linkage.Read(context.Background(), linkage.Source{Name: "list.csv", Reader: strings.NewReader("id,name\n1,Ann\n2,Bob,extra\n")})
	fmt.Println(err)
	// Output: reading list.csv, line 3: the row has 3 cells where the header has 2; check the separator, and quote cells that contain it
}

func ExampleParseTruth() {
	column, pattern, err := linkage.ParseTruth(`rec_id:rec-(\d+)`)
	fmt.Println(column, pattern, err)
	// Output: rec_id rec-(\d+) <nil>
}

func ExampleSummary_WriteJSON() {
	s := linkage.Summary{Records: 4, Compared: 5, Pairs: 1, Persons: 3}
	if err := s.WriteJSON(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "records": 4,
	//   "compared": 5,
	//   "pairs": 1,
	//   "persons": 3,
	//   "review": 0,
	//   "weak_bridges": 0,
	//   "skipped": 0,
	//   "match_share": 0
	// }
}

func ExampleSkeleton() {
	fmt.Println(linkage.Skeleton(linkage.Fold("Mohammed")) == linkage.Skeleton(linkage.Fold("محمد")))
	// Output: true
}
