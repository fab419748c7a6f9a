package clk_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"rostrum.example/stat/linkage"
	"rostrum.example/stat/linkage/clk"
)

// Two holders encode sample lists of invented persons under the key of their
// study; a third side, without the key, finds who is in both.
func Example() {
	ctx := context.Background()
	key, err := clk.ParseKey([]byte("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"))
	if err != nil {
		fmt.Println(err)
		return
	}
	lists := []string{
		"id,first name,surname,date of birth\nS1,Amina,Haddad,1991-04-17\nS2,Yusuf,Mansour,1988-11-02\nS3,Lena,Okafor,2001-06-30\n",
		"id,first name,surname,date of birth\nH1,Yusuf,Mansur,02/11/1988\nH2,Ivo,Kral,30/07/1970\n",
	}
	var encoded []linkage.Source
	for i, list := range lists {
		var out bytes.Buffer
		if _, err := clk.Encode(ctx, linkage.Source{Name: "list", Reader: strings.NewReader(list)}, key, clk.Options{}, &out); err != nil {
			fmt.Println(err)
			return
		}
		encoded = append(encoded, linkage.Source{Name: fmt.Sprint("holder ", i+1), Reader: &out})
	}
	table, err := linkage.Read(ctx, encoded...)
	if err != nil {
		fmt.Println(err)
		return
	}
	// So few records do not tell what a match looks like: the threshold is given.
	res, err := clk.Link(ctx, table, clk.Config{Threshold: 0.8})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Pairs, "pair,", res.Persons, "persons")
	// Output: 1 pair, 4 persons
}
