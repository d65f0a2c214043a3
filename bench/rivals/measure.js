// One engine in a warm process: node measure.js ENGINE TEMPLATE VALUES.json OUT.docx
// For each number on a line of the input it renders as often and answers the milliseconds of one rendering.
"use strict";
const fs = require("node:fs");
const readline = require("node:readline");
const [engine, template, values, out] = process.argv.slice(2);
const data = JSON.parse(fs.readFileSync(values, "utf8"));

function docxtemplater() {
  const PizZip = require("pizzip");
  const Docxtemplater = require("docxtemplater");
  const content = fs.readFileSync(template);
  return async () => {
    const document = new Docxtemplater(new PizZip(content), { paragraphLoop: true, linebreaks: true });
    document.render(data);
    return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
  };
}

function carbone() {
  const library = require("carbone");
  return () => new Promise((resolve, reject) =>
    library.render(template, data, (error, result) => (error ? reject(error) : resolve(result))));
}

async function main() {
  const render = { docxtemplater, carbone }[engine]();
  fs.writeFileSync(out, await render());
  for (let i = 0; i < 30; i++) await render(); // the compiler of the machine code has seen it by then
  console.log("ready");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const times = Number(line);
    const begun = process.hrtime.bigint();
    for (let i = 0; i < times; i++) await render();
    console.log(Number(process.hrtime.bigint() - begun) / 1e6 / times);
  }
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
