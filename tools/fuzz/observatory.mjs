// The rules of Mozilla's Observatory on pages of a local copy: node observatory.mjs PACKAGE HOST PATH...
// Prints one line of JSON for each page.
const [, , home, host, ...paths] = process.argv;
const { scan } = await import(`${home}/src/scanner/index.js`);
for (const path of paths) {
    const { scan: result, tests } = await scan(host + path);
    const failed = Object.values(tests).filter((test) => !test.pass).map((test) => test.result);
    console.log(JSON.stringify({ path, score: result.score, grade: result.grade, failed }));
}
