// Reads {name: text} of HCL files as JSON from stdin; writes {name: structure} of hcl2json.
import { parse } from "@cdktf/hcl2json";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const answers = {};
for (const [name, text] of Object.entries(JSON.parse(input))) {
  answers[name] = await parse(name, text);
}
process.stdout.write(JSON.stringify(answers));
process.exit(0);
